//! Queries, path components and forms (URL standard, `application/x-www-form-urlencoded`).

use std::time::Duration;

use http::{
    Method, Request,
    header::{ACCEPT, CONTENT_TYPE},
};
use oauth2::url::form_urlencoded::{Serializer, byte_serialize};
use zeroize::Zeroizing;

use crate::{
    domain::web_address::WebAddress,
    engine::net::failure::{Failure, Limits},
};

/// Limits of an exchange with an authorization server, whose answers are a few lines.
pub(super) const LIMITS: Limits =
    Limits { deadline: Duration::from_secs(30), largest_answer: 64 * 1024, attempts: 4 };

/// Adds pairs to the query of an address.
pub(in crate::engine) fn query<'a>(
    address: &str,
    pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> String {
    let (address, fragment) = address.split_at(address.find('#').unwrap_or(address.len()));
    let joint = if address.contains('?') { "&" } else { "?" };
    [address, joint, &encode(pairs), fragment].concat()
}

/// Encodes a text as one component of a path: no character in it ends the component.
pub(in crate::engine) fn component(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

/// Encodes names and values as a form.
pub(super) fn encode<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// Makes the request that sends a form.
pub(super) fn post(address: &WebAddress, form: &Zeroizing<String>) -> Result<Request<Vec<u8>>, Failure> {
    request(address, "application/x-www-form-urlencoded", form.as_bytes().to_vec())
}

/// Makes the request that sends a body.
pub(super) fn request(
    address: &WebAddress,
    content_type: &str,
    body: Vec<u8>,
) -> Result<Request<Vec<u8>>, Failure> {
    Request::builder()
        .method(Method::POST)
        .uri(address.as_str())
        .header(ACCEPT, "application/json")
        .header(CONTENT_TYPE, content_type)
        .body(body)
        .map_err(|_| Failure::Garbled)
}
