//! The engine's worker: bytes in, bytes out. Compiles to an empty program natively.

#[cfg(target_family = "wasm")]
mod worker {
    use std::{cell::RefCell, rc::Rc};

    use js_sys::{Array, ArrayBuffer, Uint8Array, global};
    use matrixbackup::{
        engine::{Bell, Engine, Queue},
        protocol::{
            messages::{Command, Envelope, Event, Run},
            wire,
        },
    };
    use wasm_bindgen::{JsCast as _, JsValue, prelude::wasm_bindgen};
    use wasm_bindgen_futures::spawn_local;
    use web_sys::DedicatedWorkerGlobalScope;

    /// Message by which the page learns that the engine cannot go on. The page then ends the worker.
    const STOPPED: &str = "stopped";

    thread_local! {
        static MAILBOX: Rc<RefCell<Mailbox>> = Rc::default();
    }

    /// The engine, and the commands that wait while one is carried out.
    #[derive(Default)]
    struct Mailbox {
        engine: Option<Engine>,
        bell: Rc<Bell>,
        waiting: Queue,
        busy: bool,
    }

    /// Starts the engine; `worker.js` calls this once the module is there.
    #[wasm_bindgen]
    pub fn start() {
        std::panic::set_hook(Box::new(|panic| {
            console_error_panic_hook::hook(panic);
            post(&JsValue::from_str(STOPPED));
        }));
        MAILBOX.with(|mailbox| {
            let engine = Engine::default();
            let mut mailbox = mailbox.borrow_mut();
            mailbox.waiting = Queue::new(engine.stop());
            mailbox.bell = engine.bell();
            mailbox.engine = Some(engine);
        });
        tell(Run::default(), Event::Ready);
    }

    /// Takes a message of the page's, and zeroes its buffer; `worker.js` calls this for each message.
    #[wasm_bindgen]
    pub fn receive(message: ArrayBuffer) {
        let view = Uint8Array::new(&message);
        let bytes = zeroize::Zeroizing::new(view.to_vec());
        view.fill(0, 0, view.length());
        let Ok(envelope) = wire::decode::<Command>(&bytes) else { return post(&JsValue::from_str(STOPPED)) };
        let mailbox = MAILBOX.with(Rc::clone);
        if envelope.message == Command::Stop {
            return mailbox.borrow_mut().waiting.stop();
        }
        mailbox.borrow_mut().waiting.push(envelope);
        mailbox.borrow().bell.ring();
        if !mailbox.borrow().busy {
            mailbox.borrow_mut().busy = true;
            spawn_local(work(mailbox));
        }
    }

    async fn work(mailbox: Rc<RefCell<Mailbox>>) {
        loop {
            let Some(Envelope { run, message }) = mailbox.borrow_mut().waiting.take() else { break };
            // This command itself rang the bell. After the reset, only a later command ends its waiting.
            if mailbox.borrow().waiting.is_empty() {
                mailbox.borrow().bell.reset();
            }
            // Taken only once there is a command: an engine that is not put back is lost.
            let Some(mut engine) = mailbox.borrow_mut().engine.take() else { break };
            engine.handle(message, &|event| tell(run, event)).await;
            mailbox.borrow_mut().engine = Some(engine);
        }
        mailbox.borrow_mut().busy = false;
    }

    fn tell(run: Run, event: Event) {
        let Ok(bytes) = wire::encode(&Envelope { run, message: event }) else {
            return post(&JsValue::from_str(STOPPED));
        };
        let buffer = Uint8Array::from(bytes.as_slice()).buffer();
        let scope: DedicatedWorkerGlobalScope = global().unchecked_into();
        // Transferred, not copied: no bytes stay here.
        if scope.post_message_with_transfer(&buffer, &Array::of1(&buffer)).is_err() {
            post(&JsValue::from_str(STOPPED));
        }
    }

    fn post(message: &JsValue) {
        let scope: DedicatedWorkerGlobalScope = global().unchecked_into();
        // If even this fails, nothing can tell the page: the person sees only that no answer comes.
        let _ = scope.post_message(message);
    }
}

fn main() {}
