//! What is made at random or from keys: always the same here, so that two runs say the same.

#![allow(clippy::unnecessary_wraps, reason = "functions of templates have one type")]

use super::{Holes, MANY, Row};
use crate::{
    fault::{Run, fail},
    template::{Args, Machine},
    value::{Map, Value},
};

pub(super) const FUNCTIONS: &[Row] = &[
    ("randAlphaNum", random, 1, 1, Holes::Spread),
    ("randAlpha", random, 1, 1, Holes::Spread),
    ("randAscii", random, 1, 1, Holes::Spread),
    ("randNumeric", random_digits, 1, 1, Holes::Spread),
    ("randBytes", random, 1, 1, Holes::Spread),
    ("randInt", random_integer, 2, 2, Holes::Spread),
    ("shuffle", shuffle, 1, 1, Holes::Keep),
    ("uuidv4", uuid, 0, 0, Holes::Keep),
    ("bcrypt", secret, 1, 1, Holes::Keep),
    ("htpasswd", htpasswd, 2, 2, Holes::Keep),
    ("derivePassword", secret, 5, 5, Holes::Keep),
    ("encryptAES", secret, 2, 2, Holes::Keep),
    ("decryptAES", secret, 2, 2, Holes::Keep),
    ("sha512sum", secret, 1, 1, Holes::Keep),
    ("b32dec", secret, 1, 1, Holes::Keep),
    ("genPrivateKey", key, 1, 1, Holes::Keep),
    ("genCA", certificate, 2, 2, Holes::Keep),
    ("genCAWithKey", certificate, 3, 3, Holes::Keep),
    ("genSelfSignedCert", certificate, 4, 4, Holes::Keep),
    ("genSelfSignedCertWithKey", certificate, 5, 5, Holes::Keep),
    ("genSignedCert", certificate, 5, 5, Holes::Keep),
    ("genSignedCertWithKey", certificate, 6, 6, Holes::Keep),
    ("buildCustomCert", certificate, 2, MANY, Holes::Keep),
];

/// How long a random text may be.
const MAX_RANDOM: usize = 1024 * 1024;

fn repeated(args: &Args, letters: &str) -> Run<Value> {
    let count = usize::try_from(args.int(0)?).unwrap_or(0);
    if count > MAX_RANDOM {
        return fail("a random text of over 1 MiB");
    }
    Ok(Value::given(letters.chars().cycle().take(count).collect::<String>()))
}

fn random(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    repeated(args, "generated")
}

fn random_digits(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    repeated(args, "1234567890")
}

fn random_integer(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    Ok(Value::int(args.int(0)?))
}

fn shuffle(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    Ok(args.get(0).clone())
}

fn uuid(_: &mut Machine<'_>, _: &Args) -> Run<Value> {
    Ok(Value::given("00000000-0000-4000-8000-000000000000"))
}

fn secret(_: &mut Machine<'_>, _: &Args) -> Run<Value> {
    Ok(Value::given("generated"))
}

fn htpasswd(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let mut text = (*args.text(0)?).clone();
    text.push_given(":generated");
    Ok(Value::text(text))
}

fn key(_: &mut Machine<'_>, _: &Args) -> Run<Value> {
    Ok(Value::given("-----BEGIN PRIVATE KEY-----\ngenerated\n-----END PRIVATE KEY-----\n"))
}

fn certificate(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let mut map = Map::default();
    map.put("Cert", Value::given("-----BEGIN CERTIFICATE-----\ngenerated\n-----END CERTIFICATE-----\n"));
    map.put("Key", key(machine, args)?);
    Ok(machine.heap.new_map(map))
}
