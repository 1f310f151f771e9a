//! How far the backup version of a set-up has come.

/// The backup version of this order.
pub(super) enum Version {
    /// There is none.
    Absent,
    /// An earlier visit may have asked for it.
    MayExist,
    /// It stays, or an earlier visit made it.
    Found(String),
    /// This visit asked for it; its name is known once it was seen.
    Asked(Option<String>),
    /// The server has made it, and uses another one.
    Unused(String),
}

impl Version {
    /// Its name, once it was seen.
    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Self::Absent | Self::MayExist | Self::Asked(None) => None,
            Self::Found(name) | Self::Asked(Some(name)) | Self::Unused(name) => Some(name),
        }
    }

    /// Tells whether this visit asked the server for it.
    pub(super) fn is_asked_for(&self) -> bool {
        matches!(self, Self::Asked(_) | Self::Unused(_))
    }

    /// Tells whether the server has made it, and uses another one.
    pub(super) fn is_unused(&self) -> bool {
        matches!(self, Self::Unused(_))
    }

    /// Notes that the server is about to be asked for it.
    pub(super) fn ask(&mut self) {
        *self = Self::Asked(self.name().map(ToOwned::to_owned));
    }

    /// Notes the name under which it was seen.
    pub(super) fn see(&mut self, name: String) {
        *self = if self.is_asked_for() { Self::Asked(Some(name)) } else { Self::Found(name) };
    }
}
