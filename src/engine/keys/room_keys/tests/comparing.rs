//! Tests which of two room keys stays, and what a version lacks or has.

use super::*;

#[test]
fn the_key_that_opens_more_stays_whatever_the_order() {
    let made = &made::make(1, 1)[0];
    let at = |index| made::at(made, index);
    for (indexes, outcomes) in [
        ([0, 9], [Added::Gained, Added::Known]),
        ([9, 0], [Added::Gained, Added::Gained]),
        ([9, 9], [Added::Gained, Added::Known]),
        ([70_000, 300], [Added::Gained, Added::Gained]),
    ] {
        let mut keys = RoomKeys::default();
        assert_eq!(indexes.map(|index| added(&mut keys, &at(index))), outcomes, "{indexes:?}");
        let least = indexes.into_iter().min().unwrap();
        let kept = keys.get(&made.room_id, &made.session_id).unwrap();
        assert_eq!((keys.len(), kept.first_message_index()), (1, least));
    }
}

#[test]
fn of_equal_keys_the_verified_one_stays_and_then_the_one_passed_on_less() {
    let made = &made::make(1, 1)[0];
    let key = |forwarded: u8, is_verified, index| {
        let key = RoomKey::from_export(made::at(made, index)).unwrap();
        let text = Zeroizing::new(key.text().to_vec());
        RoomKey::new(&made.session_id, text, UInt::from(forwarded), is_verified).unwrap()
    };
    for ((forwarded, is_verified, index), is_better) in [
        ((1, false, 5), false),
        ((0, false, 5), true),
        ((9, true, 5), true),
        ((0, true, 6), false),
        ((9, false, 4), true),
    ] {
        let mut keys = RoomKeys::default();
        keys.add(&made.room_id, &made.session_id, key(1, false, 5));
        keys.add(&made.room_id, &made.session_id, key(forwarded, is_verified, index));
        let kept = keys.get(&made.room_id, &made.session_id).unwrap();
        let kept = (u64::from(kept.forwarded_count()), kept.is_verified(), kept.first_message_index());
        let expected = if is_better { (u64::from(forwarded), is_verified, index) } else { (1, false, 5) };
        assert_eq!(kept, expected);
    }
}

#[test]
fn a_forged_key_does_not_displace_a_true_one() {
    let made = &made::make(1, 1)[0];
    let mut bytes = made.session_key.to_bytes();
    bytes[40] ^= 1;
    let mut forged = made::at(made, 0);
    forged.session_key = bytes.as_slice().try_into().unwrap();
    for index in [0, 3] {
        let mut keys = RoomKeys::default();
        assert_eq!(added(&mut keys, &made::at(made, index)), Added::Gained);
        assert_eq!(added(&mut keys, &forged), Added::Conflicting);
        let kept = keys.get(&made.room_id, &made.session_id).unwrap();
        let kept = kept.export(made.room_id.clone(), &made.session_id).unwrap();
        assert_eq!(kept.session_key.to_bytes(), made::at(made, index).session_key.to_bytes());
    }
    // Another session's key under this session's id is refused.
    let mut other = made::make(1, 1).remove(0);
    other.session_id = made.session_id.clone();
    assert!(RoomKey::from_export(other).is_none());
}

#[tokio::test]
async fn a_version_that_was_read_back_is_compared_key_by_key() {
    let key = BackupDecryptionKey::new();
    let made = made::make(6, 2);
    let mut meant = RoomKeys::default();
    made.iter().for_each(|key| {
        added(&mut meant, &made::at(key, 2));
    });
    let compared = async |answer: &Value| {
        let key = BackupKey::from(&key);
        let rooms = tally(&downloaded(answer), &key, &meant, &Cell::new(false), &|_, _| ()).await.unwrap();
        assert!(rooms.iter().all(|room| room.expected == 3));
        let found = rooms.iter().map(|room| room.found).collect::<Vec<_>>();
        assert_eq!(is_complete(&rooms), found == [3, 3]);
        found
    };
    let whole = sealed(&key, &meant);
    assert_eq!(compared(&whole).await, [3, 3]);

    // One key is gone, one opens less, one opens more, one is another key's, and one was not meant.
    let place = |key: &ExportedRoomKey| {
        format!("/rooms/{}/sessions/{}", key.room_id, key.session_id.replace('~', "~0").replace('/', "~1"))
    };
    let with = async |key: &BackupDecryptionKey, made: &ExportedRoomKey, index| {
        encrypted(key, &[made::at(made, index)]).await.pointer(&place(made)).unwrap().clone()
    };
    let mut answer = whole.clone();
    let sessions = answer["rooms"][made[0].room_id.as_str()]["sessions"].as_object_mut().unwrap();
    sessions.remove(&made[0].session_id);
    assert_eq!(compared(&answer).await, [2, 3]);
    for (index, found) in [(1, [3, 3]), (2, [3, 3]), (3, [3, 2])] {
        let mut answer = whole.clone();
        *answer.pointer_mut(&place(&made[1])).unwrap() = with(&key, &made[1], index).await;
        assert_eq!(compared(&answer).await, found, "{index}");
    }
    let mut answer = whole.clone();
    *answer.pointer_mut(&place(&made[2])).unwrap() = with(&BackupDecryptionKey::new(), &made[2], 2).await;
    answer["rooms"]["!new:b"]["sessions"]["new"] = json!(7);
    assert_eq!(compared(&answer).await, [2, 3]);
    assert_eq!(compared(&json!({"rooms": {}})).await, [0, 0]);

    // An entry that comes twice counts once.
    let twice = |answer: &Value| {
        let text = answer["rooms"][made[0].room_id.as_str()].to_string();
        format!("{{\"rooms\":{{\"{0}\":{text},\"{0}\":{text}}}}}", made[0].room_id)
    };
    let downloaded = Downloaded::new(twice(&whole).into_bytes());
    let rooms = tally(&downloaded, &BackupKey::from(&key), &meant, &Cell::new(false), &|_, _| ()).await;
    assert_eq!(rooms.unwrap().iter().map(|room| room.found).collect::<Vec<_>>(), [3, 0]);
}

#[tokio::test]
async fn of_what_a_version_has_only_what_it_lacks_is_kept() {
    let key = BackupDecryptionKey::new();
    let made = made::make(6, 2);
    let mut keys = RoomKeys::default();
    made.iter().for_each(|key| {
        added(&mut keys, &made::at(key, 3));
    });
    // Of the version's entries, 0 is missing, 1 is the same, 2 is better, 3 is worse, 4 contradicts, and 5 is another
    // backup's.
    let mut forged = made::at(&made[4], 0);
    let mut bytes = forged.session_key.to_bytes();
    bytes[40] ^= 1;
    forged.session_key = bytes.as_slice().try_into().unwrap();
    let theirs = [made::at(&made[1], 3), made::at(&made[2], 0), made::at(&made[3], 5), forged];
    let mut answer = encrypted(&key, &theirs).await;
    let entry = |answer: &Value, key: &ExportedRoomKey| {
        answer["rooms"][key.room_id.as_str()]["sessions"][&key.session_id].clone()
    };
    let foreign = encrypted(&BackupDecryptionKey::new(), &made[5..]).await;
    answer["rooms"][made[5].room_id.as_str()]["sessions"][&made[5].session_id] = entry(&foreign, &made[5]);
    let verified = &mut answer["rooms"][made[3].room_id.as_str()]["sessions"][&made[3].session_id];
    verified["is_verified"] = json!(true);

    let backup_key = BackupKey::from(&key);
    let mut sifted =
        keys.sift(&downloaded(&answer), &backup_key, &Cell::new(false), &|_, _| ()).await.unwrap();
    let standings: Vec<_> = made.iter().map(|key| sifted.get(&key.room_id, &key.session_id)).collect();
    use Standing::*;
    let expected = [None, Some(Known), Some(Known), Some(Better), Some(Contradicting), Some(Opaque)];
    assert_eq!((standings.as_slice(), sifted.held), (&expected[..], 5));
    keys.keep_what_lacks(&mut sifted);
    let kept: Vec<_> = made.iter().map(|made| keys.get(&made.room_id, &made.session_id)).collect();
    let kept: Vec<_> = kept.iter().map(|key| key.map(|key| key.is_verified())).collect();
    assert_eq!(kept, [Some(false), None, None, Some(true), None, Some(false)]);
}

/// A file proves nothing about who made a key: its claims must not count as a verified device's.
#[tokio::test]
async fn of_a_better_key_only_the_key_itself_is_taken() {
    let key = BackupDecryptionKey::new();
    let backup_key = BackupKey::from(&key);
    let (made, other) = (made::make(1, 1).remove(0), made::make(1, 1).remove(0));
    // The version's entry, with a field that this page does not know.
    let theirs = made::at(&made, 5);
    let mut plain = serde_json::to_value(&theirs).unwrap();
    plain["of the future"] = json!({"b": 1.50, "a": "ü\n\""});
    plain["forwarding_curve25519_key_chain"] = json!([made.sender_key.to_base64()]);
    let text = Zeroizing::new(plain.to_string().into_bytes());
    let theirs = RoomKey::new(&made.session_id, text, UInt::from(3_u8), true).unwrap();
    let mut version = RoomKeys::default();
    version.add(&made.room_id, &made.session_id, theirs);
    // The file's entry: the same key from its first message on, of another device.
    let mut file = made::at(&made, 0);
    file.sender_key = other.sender_key;
    file.sender_claimed_keys = other.sender_claimed_keys;
    let mut keys = RoomKeys::default();
    added(&mut keys, &file);

    let stop = Cell::new(false);
    let downloaded = downloaded(&sealed(&key, &version));
    let mut sifted = keys.sift(&downloaded, &backup_key, &stop, &|_, _| ()).await.unwrap();
    keys.keep_what_lacks(&mut sifted);
    let kept = keys.get(&made.room_id, &made.session_id).unwrap();
    plain["session_key"] = json!(made.session_key.to_base64());
    assert_eq!(serde_json::from_slice::<Value>(kept.text()).unwrap(), plain);
    let marks = (kept.first_message_index(), u64::from(kept.forwarded_count()), kept.is_verified());
    assert_eq!(marks, (0, 0, true));
}
