//! Dates: there is no clock here, so that the time of rendering is always the same.

#![allow(clippy::unnecessary_wraps, reason = "functions of templates have one type")]

use std::rc::Rc;

use super::{Holes, Row};
use crate::{
    fault::Run,
    object::Object,
    template::{Args, Machine},
    value::Value,
};

pub(super) const FUNCTIONS: &[Row] = &[
    ("now", now, 0, 0, Holes::Keep),
    ("toDate", now, 2, 2, Holes::Keep),
    ("mustToDate", now, 2, 2, Holes::Keep),
    ("dateModify", now, 2, 2, Holes::Keep),
    ("date_modify", now, 2, 2, Holes::Keep),
    ("mustDateModify", now, 2, 2, Holes::Keep),
    ("must_date_modify", now, 2, 2, Holes::Keep),
    ("date", date, 2, 2, Holes::Keep),
    ("dateInZone", date, 3, 3, Holes::Keep),
    ("date_in_zone", date, 3, 3, Holes::Keep),
    ("htmlDate", date, 1, 1, Holes::Keep),
    ("htmlDateInZone", date, 2, 2, Holes::Keep),
    ("unixEpoch", epoch, 1, 1, Holes::Keep),
    ("ago", ago, 1, 1, Holes::Keep),
];

fn now(_: &mut Machine<'_>, _: &Args) -> Run<Value> {
    Ok(Value::Object(Rc::new(Object::Time)))
}

fn date(_: &mut Machine<'_>, _: &Args) -> Run<Value> {
    Ok(Value::given("2026-01-01"))
}

fn epoch(_: &mut Machine<'_>, _: &Args) -> Run<Value> {
    Ok(Value::given("1767225600"))
}

fn ago(_: &mut Machine<'_>, _: &Args) -> Run<Value> {
    Ok(Value::given("0s"))
}
