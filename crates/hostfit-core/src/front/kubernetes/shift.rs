//! What was lowered of a document, moved to where that stands by now.

use std::sync::Arc;

use super::{Container, File, Node, Pod, RuntimeClass, pod::IsolationAnnotation};
use crate::{
    model::{Known, ProgramUse, Setting},
    patch::{Entry, Field, Place},
    placement::kubernetes::{PodPlacement, Requirement, SelectorLabel, SelectorValue, Term, Toleration},
    source::Span,
    text::{Piece, Text},
};

/// What has spans of one file.
pub(in crate::front) trait Shift {
    /// Moves all of them. Offsets wrap, so that a large number moves back.
    fn shift(&mut self, by: u32);
}

impl Shift for Span {
    fn shift(&mut self, by: u32) {
        if !self.is_nowhere() {
            self.start = self.start.wrapping_add(by);
            self.end = self.end.wrapping_add(by);
        }
    }
}

impl<T: Shift> Shift for Option<T> {
    fn shift(&mut self, by: u32) {
        if let Some(it) = self {
            it.shift(by);
        }
    }
}

impl<T: Shift> Shift for Vec<T> {
    fn shift(&mut self, by: u32) {
        for it in self {
            it.shift(by);
        }
    }
}

impl<T: Shift + Clone> Shift for Arc<T> {
    fn shift(&mut self, by: u32) {
        Self::make_mut(self).shift(by);
    }
}

impl<T: Shift + Clone> Shift for Arc<[T]> {
    fn shift(&mut self, by: u32) {
        if !self.is_empty() {
            for it in Self::make_mut(self) {
                it.shift(by);
            }
        }
    }
}

/// A fact and its bytes.
impl<T> Shift for (T, Span) {
    fn shift(&mut self, by: u32) {
        self.1.shift(by);
    }
}

/// A fact and what is known of it.
impl<T: Shift> Shift for (T, bool) {
    fn shift(&mut self, by: u32) {
        self.0.shift(by);
    }
}

impl<T> Shift for Known<T> {
    fn shift(&mut self, by: u32) {
        match self {
            Self::Stated(_, span) | Self::Inferred(_, span) | Self::Unresolved(span, _) | Self::Absent(span) => {
                span.shift(by);
            }
        }
    }
}

impl Shift for Field {
    fn shift(&mut self, by: u32) {
        match self {
            Self::Here(place) => place.shift(by),
            Self::Missing | Self::Elsewhere => {}
        }
    }
}

/// Names every field, so that none that is added is forgotten: those with spans, then the others.
macro_rules! shift {
    ($($type:ident { $($moved:ident),+; $($kept:ident),* })+) => {
        $(impl Shift for $type {
            fn shift(&mut self, by: u32) {
                let Self { $($moved),+ $(, $kept: _)* } = self;
                $($moved.shift(by);)+
            }
        })+
    };
}

shift! {
    File { pods, runtime_classes, nodes; may_deploy }
    Pod { name_span, containers, placement, isolation, settings, hint; name, namespace }
    Container { span, image, host_process, programs; name }
    RuntimeClass { name, handler, selector, tolerations, unreadable; }
    Node { name, kernel_version, os_image, operating_system, runtime; labels, taints }
    IsolationAnnotation { value, entry; }
    PodPlacement {
        selector, selector_key, selector_place, spec_place, containers_place, affinity, affinity_key, affinity_place,
        node_affinity_place, expressions_place, tolerations, tolerations_key,
        tolerations_place, node_name, runtime_class, os_name, unreadable;
    }
    SelectorLabel { key, value; from_runtime_class }
    Term { expressions, fields; }
    Requirement { key, written_operator, values, span; key_is_text, operator }
    SelectorValue { text; is_text }
    Toleration { key, operator, value, effect, seconds, mistyped, value_entry, span; }
    Setting { span, value, entry; key, on_windows, is, container }
    ProgramUse { span; missing, by }
    Text { span, pieces; value }
    Piece { at, used_at; end, origin }
    Entry { key, value, before, after, mapping; }
    Place { key, value, first, last_item; ends_open }
}
