//! Imports a key file.

use crate::{
    domain::{
        key_file::{KeyFileError, LARGEST_FILE, is_of_another_kind},
        problem::Problem,
    },
    guide::{
        Effect, Guide, Input,
        step::{Harvest, Import, Long, Step},
    },
    protocol::messages::{Command, Event},
};

impl Guide {
    pub(super) fn import(
        &mut self,
        mut harvest: Box<Harvest>,
        mut import: Import,
        mut trouble: Option<Problem>,
        input: Input,
    ) -> (Step, Vec<Effect>) {
        let mut effects = Vec::new();
        match (input, &mut import) {
            (
                Input::ChoseFile { name, bytes },
                Import::Choosing | Import::Chosen { .. } | Import::Done(_),
            ) => {
                if is_of_another_kind(&name) {
                    import = Import::Choosing;
                    trouble = Some(Problem::KeyFile(KeyFileError::NotAnExport));
                } else if bytes > LARGEST_FILE {
                    import = Import::Choosing;
                    trouble = Some(Problem::KeyFile(KeyFileError::TooLarge));
                } else {
                    import = Import::Chosen { name, bytes };
                    trouble = None;
                }
            }
            (Input::GavePassphrase(passphrase), Import::Chosen { name, bytes }) if !passphrase.is_blank() => {
                trouble = None;
                effects = vec![Effect::SendFile(self.run)];
                effects.extend(self.tell(Command::Import { passphrase }));
                import = Import::Running { name: std::mem::take(name), bytes: *bytes, work: Long::default() };
            }
            (Input::WantedStop, Import::Running { work, .. }) if !work.stopping => {
                work.stopping = true;
                effects = self.tell(Command::Stop);
            }
            (Input::Engine(_, Event::Progress { done, total }), Import::Running { work, .. }) => {
                work.progress = Some((done, total));
            }
            (Input::Engine(_, Event::Stopped), Import::Running { name, bytes, .. }) => {
                import = Import::Chosen { name: std::mem::take(name), bytes: *bytes };
            }
            (Input::Engine(_, Event::Imported(imported)), Import::Running { .. }) => {
                harvest.took(imported);
                // Only the chosen file is forgotten; the person may want to save their copy again.
                effects = vec![Effect::ForgetChosen];
                import = Import::Done(imported);
            }
            _ => {}
        }
        (Step::Import { harvest, import, trouble }, effects)
    }
}
