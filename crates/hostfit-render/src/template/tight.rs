//! Gives back the room that the parser leaves: most lists of a template's nodes have one entry and room for four.

use gotmpl::parse::{Expr, ListNode, Node, PipeNode};

/// Leaves no more room in a list of nodes and in all below it than they take.
pub(super) fn list(nodes: &mut ListNode) {
    nodes.nodes.shrink_to_fit();
    for node in &mut nodes.nodes {
        match node {
            Node::List(inner) => list(inner),
            Node::Action(action) => pipe(&mut action.pipe),
            Node::If(branch) | Node::Range(branch) | Node::With(branch) => {
                pipe(&mut branch.pipe);
                list(&mut branch.body);
                branch.else_body.iter_mut().for_each(list);
            }
            Node::Template(template) => template.pipe.iter_mut().for_each(pipe),
            Node::Define(define) => list(&mut define.body),
            Node::Text(_) | Node::Break(_) | Node::Continue(_) => {}
        }
    }
}

fn pipe(pipe: &mut PipeNode) {
    pipe.decl.shrink_to_fit();
    pipe.commands.shrink_to_fit();
    for command in &mut pipe.commands {
        command.args.shrink_to_fit();
        command.args.iter_mut().for_each(expression);
    }
}

fn expression(it: &mut Expr) {
    match it {
        Expr::Field(_, names) | Expr::Variable(_, _, names) => names.shrink_to_fit(),
        Expr::Pipe(_, inner) => pipe(inner),
        Expr::Chain(_, inner, names) => {
            expression(inner);
            names.shrink_to_fit();
        }
        _ => {}
    }
}
