//! Makes room keys for tests, and puts them into a backup with the SDK's own encryption.

use matrix_sdk::reqwest;
use matrix_sdk_crypto::{
    backups::MegolmV1BackupKey,
    olm::{ExportedRoomKey, InboundGroupSession},
    store::types::BackupDecryptionKey,
    types::{EventEncryptionAlgorithm, SigningKeys},
    vodozemac::{
        Curve25519PublicKey, Curve25519SecretKey, Ed25519Keypair, base64_encode,
        megolm::{GroupSession, InboundGroupSession as Session, SessionConfig},
        pk_encryption::{Message, PkDecryption, PkEncryption},
    },
};
use serde_json::{Value, json};

/// Number of keys in one request.
const PER_REQUEST: usize = 1_000;

/// Makes this many keys, spread evenly over this many rooms, from message 0 on.
pub fn make(keys: usize, rooms: usize) -> Vec<ExportedRoomKey> {
    let sender = Curve25519PublicKey::from(&Curve25519SecretKey::new());
    let signer = Ed25519Keypair::new().public_key();
    let key = |number: usize| {
        let session = GroupSession::new(SessionConfig::version_1());
        let inbound = Session::new(&session.session_key(), SessionConfig::version_1());
        ExportedRoomKey {
            algorithm: EventEncryptionAlgorithm::MegolmV1AesSha2,
            room_id: format!("!room{:06}:example.org", number % rooms).try_into().unwrap(),
            sender_key: sender,
            session_id: session.session_id(),
            session_key: inbound.export_at_first_known_index(),
            sender_claimed_keys: SigningKeys::from([("ed25519".into(), signer.into())]),
            forwarding_curve25519_key_chain: Vec::new(),
            shared_history: false,
        }
    };
    (0..keys).map(key).collect()
}

/// Returns the same key from a later message on.
pub fn at(key: &ExportedRoomKey, index: u32) -> ExportedRoomKey {
    let mut session = Session::import(&key.session_key, SessionConfig::version_1());
    ExportedRoomKey {
        algorithm: key.algorithm.clone(),
        room_id: key.room_id.clone(),
        sender_key: key.sender_key,
        session_id: key.session_id.clone(),
        session_key: session.export_at(index).unwrap(),
        sender_claimed_keys: key.sender_claimed_keys.clone(),
        forwarding_curve25519_key_chain: Vec::new(),
        shared_history: key.shared_history,
    }
}

/// Encrypts keys as a server is given them and gives them back: `{"rooms": …}`.
pub async fn encrypt(backup_key: &MegolmV1BackupKey, keys: &[ExportedRoomKey]) -> Value {
    let mut rooms = json!({});
    for key in keys {
        let session = InboundGroupSession::from_export(key).unwrap();
        let data = serde_json::to_value(backup_key.encrypt(session).await.unwrap()).unwrap();
        rooms[key.room_id.as_str()]["sessions"][&key.session_id] = data;
    }
    json!({"rooms": rooms})
}

/// Encrypts any text as an entry of a backup; the other fields come from `beside`.
pub fn seal(key: &BackupDecryptionKey, text: &Value, beside: &Value) -> Value {
    let key = PkDecryption::from_key(Curve25519SecretKey::from_slice(key.as_bytes()));
    let Message { ciphertext, mac, ephemeral_key } =
        PkEncryption::from_key(key.public_key()).encrypt(text.to_string().as_bytes()).unwrap();
    let mut entry = beside.clone();
    entry["session_data"] = json!({
        "ciphertext": base64_encode(ciphertext), "mac": base64_encode(mac),
        "ephemeral": ephemeral_key.to_base64(),
    });
    entry
}

/// Puts keys into a version, which must be the newest.
pub async fn put(
    homeserver: &str,
    token: &str,
    version: &str,
    backup_key: &MegolmV1BackupKey,
    keys: &[ExportedRoomKey],
) {
    let http = reqwest::Client::new();
    let url = format!("{homeserver}/_matrix/client/v3/room_keys/keys?version={version}");
    for keys in keys.chunks(PER_REQUEST) {
        let body = encrypt(backup_key, keys).await.to_string();
        let answer = http.put(&url).bearer_auth(token).body(body).send().await.unwrap();
        assert!(answer.status().is_success(), "{:?}", answer.text().await);
    }
}
