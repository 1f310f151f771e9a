//! One exchange with a server: sends a request and reads its answer, up to a deadline and a size.
//!
//! An answer may be compressed, or name no length. Only reading it piece by piece can stop before an endless one fills
//! the memory. A redirection is never followed: the API has none, and a 307 or 308 would send the password or the
//! access token wherever it leads.

use std::time::Duration;

use crate::engine::net::failure::Failure;

/// An answer of any status, except a redirection.
pub(in crate::engine) struct Answer {
    /// The status code.
    pub(in crate::engine) status: u16,
    /// The whole body.
    pub(in crate::engine) body: Vec<u8>,
}

/// Limits of one exchange.
#[derive(Clone, Copy)]
pub(in crate::engine) struct Bounds {
    /// Time for the whole exchange, reading the body included.
    pub(in crate::engine) deadline: Duration,
    /// The largest body that is read, in bytes.
    pub(in crate::engine) largest: usize,
}

/// The pieces of a body so far. They are joined once, at the end: a growing buffer would be held twice. A browser never
/// takes back memory that wasm has grown.
struct Pieces<T> {
    pieces: Vec<T>,
    length: usize,
    largest: usize,
}

impl<T> Pieces<T> {
    fn up_to(largest: usize) -> Self {
        Self { pieces: Vec::new(), length: 0, largest }
    }

    /// Takes one more piece.
    ///
    /// # Errors
    /// [`Failure::Garbled`] once the body is larger than allowed.
    fn add(&mut self, piece: T, length: usize) -> Result<(), Failure> {
        self.length = self.length.saturating_add(length);
        if self.length > self.largest {
            return Err(Failure::Garbled);
        }
        self.pieces.push(piece);
        Ok(())
    }
}

#[cfg(not(target_family = "wasm"))]
mod native {
    use matrix_sdk::reqwest;

    use super::{Answer, Bounds, Failure, Pieces};

    /// A client that can be used again and again.
    #[derive(Clone)]
    pub(in crate::engine) struct Transport(reqwest::Client);

    impl Transport {
        /// Makes the client; sends nothing.
        pub(in crate::engine) fn new() -> Self {
            let builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
            // Building fails only without any TLS backend, and then reqwest's default client fails as well.
            Self(builder.build().unwrap_or_default())
        }

        /// Sends a request and reads its answer.
        ///
        /// # Errors
        /// [`Failure::NoAnswer`]; [`Failure::Garbled`] for a redirection, and for a body larger than allowed.
        pub(in crate::engine) async fn exchange(
            &self,
            request: http::Request<Vec<u8>>,
            bounds: Bounds,
        ) -> Result<Answer, Failure> {
            let mut request = reqwest::Request::try_from(request).map_err(|_| Failure::Garbled)?;
            *request.timeout_mut() = Some(bounds.deadline);
            let mut response = self.0.execute(request).await.map_err(|_| Failure::NoAnswer)?;
            let status = response.status();
            if status.is_redirection() {
                return Err(Failure::Garbled);
            }
            let mut body = Pieces::up_to(bounds.largest);
            while let Some(piece) = response.chunk().await.map_err(|_| Failure::NoAnswer)? {
                let length = piece.len();
                body.add(piece, length)?;
            }
            Ok(Answer { status: status.as_u16(), body: body.pieces.concat() })
        }
    }
}

#[cfg(target_family = "wasm")]
mod browser {
    use std::pin::pin;

    use futures_util::future::{Either, select};
    use js_sys::{Boolean, Reflect, Uint8Array, global};
    use matrix_sdk::sleep::sleep;
    use wasm_bindgen::{JsCast as _, JsValue};
    use wasm_bindgen_futures::JsFuture;
    use web_sys::{
        AbortController, Headers, ReadableStreamDefaultReader, ReferrerPolicy, RequestCache,
        RequestCredentials, RequestInit, RequestRedirect, Response, WorkerGlobalScope,
    };

    use super::{Answer, Bounds, Failure, Pieces};

    /// The browser's `fetch`: the SDK's client reads a whole body before its length can be checked.
    #[derive(Clone)]
    pub(in crate::engine) struct Transport;

    /// Aborts the request when dropped: nobody waits for it any more.
    struct BreaksOff(AbortController);

    impl Drop for BreaksOff {
        fn drop(&mut self) {
            self.0.abort();
        }
    }

    impl Transport {
        /// Makes the client; sends nothing.
        pub(in crate::engine) fn new() -> Self {
            Self
        }

        /// Sends a request and reads its answer.
        ///
        /// # Errors
        /// [`Failure::NoAnswer`]; [`Failure::Garbled`] for a redirection, and for a body larger than allowed.
        pub(in crate::engine) async fn exchange(
            &self,
            request: http::Request<Vec<u8>>,
            bounds: Bounds,
        ) -> Result<Answer, Failure> {
            match select(pin!(fetch(request, bounds.largest)), pin!(sleep(bounds.deadline))).await {
                Either::Left((result, _)) => result,
                Either::Right(_) => Err(Failure::NoAnswer),
            }
        }
    }

    async fn fetch(request: http::Request<Vec<u8>>, largest: usize) -> Result<Answer, Failure> {
        let breaks_off = BreaksOff(AbortController::new().map_err(|_| Failure::NoAnswer)?);
        let fetched = start(request, &breaks_off.0).map_err(|_| Failure::NoAnswer)?;
        let response: Response = fetched.await.map_err(|_| Failure::NoAnswer)?.unchecked_into();
        let status = response.status();
        // The browser shows a redirection that it did not follow as status 0.
        if status == 0 {
            return Err(Failure::Garbled);
        }
        let mut body = Pieces::up_to(largest);
        if let Some(stream) = response.body() {
            let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
            while let Some(piece) = next(&reader).await.map_err(|_| Failure::NoAnswer)? {
                let length = piece.length() as usize;
                body.add(piece, length)?;
            }
        }
        Ok(Answer { status, body: joined(&body) })
    }

    fn start(request: http::Request<Vec<u8>>, breaks_off: &AbortController) -> Result<JsFuture, JsValue> {
        let (parts, body) = request.into_parts();
        let headers = Headers::new()?;
        for (name, value) in &parts.headers {
            headers.set(name.as_str(), value.to_str().map_err(|_| JsValue::UNDEFINED)?)?;
        }
        let init = RequestInit::new();
        init.set_method(parts.method.as_str());
        init.set_headers(&headers);
        init.set_credentials(RequestCredentials::Omit);
        // Answers must not stay in the browser's cache.
        init.set_cache(RequestCache::NoStore);
        init.set_redirect(RequestRedirect::Manual);
        init.set_referrer_policy(ReferrerPolicy::NoReferrer);
        init.set_signal(Some(&breaks_off.signal()));
        let bytes = (!body.is_empty()).then(|| Uint8Array::from(body.as_slice()));
        if let Some(bytes) = &bytes {
            init.set_body(bytes);
        }
        let scope: WorkerGlobalScope = global().unchecked_into();
        let fetched = scope.fetch_with_str_and_init(&parts.uri.to_string(), &init);
        // The browser has copied the body by now; this copy may hold a password.
        if let Some(bytes) = bytes {
            bytes.fill(0, 0, bytes.length());
        }
        Ok(fetched.into())
    }

    async fn next(reader: &ReadableStreamDefaultReader) -> Result<Option<Uint8Array>, JsValue> {
        let part = JsFuture::from(reader.read()).await?;
        if Reflect::get(&part, &"done".into())?.unchecked_into::<Boolean>().value_of() {
            return Ok(None);
        }
        Ok(Some(Reflect::get(&part, &"value".into())?.unchecked_into()))
    }

    fn joined(body: &Pieces<Uint8Array>) -> Vec<u8> {
        let mut bytes = vec![0; body.length];
        let mut rest = bytes.as_mut_slice();
        for piece in &body.pieces {
            let (here, later) = rest.split_at_mut(piece.length() as usize);
            piece.copy_to(here);
            rest = later;
        }
        bytes
    }
}

#[cfg(target_family = "wasm")]
pub(in crate::engine) use browser::Transport;
#[cfg(not(target_family = "wasm"))]
pub(in crate::engine) use native::Transport;
