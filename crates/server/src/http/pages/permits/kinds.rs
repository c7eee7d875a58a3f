//! 「申請する」: the kinds of permit in plain words.

use maud::html as markup;
use sekisho_domain::permit::PermitKind;
use sekisho_messages::{t, text};

use super::super::super::ctx::{Answer, Ctx, html};
use crate::console::layout::{Place, heading, page};
use crate::console::permits::{kind_help, kind_name};

/// The kinds by what someone wants to do.
const GROUPS: &[(&str, &[PermitKind])] = &[
    (
        "elsewhere",
        &[
            PermitKind::Telework,
            PermitKind::RemoteAccess,
            PermitKind::Conference,
            PermitKind::OffSite,
        ],
    ),
    (
        "carry",
        &[
            PermitKind::TakeOut,
            PermitKind::Media,
            PermitKind::Byod,
            PermitKind::Reconnection,
        ],
    ),
    (
        "connect",
        &[
            PermitKind::Software,
            PermitKind::Service,
            PermitKind::Line,
            PermitKind::Peripheral,
            PermitKind::Connection,
        ],
    ),
    ("otherwise", &[PermitKind::Exception]),
];

pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    ctx.live()?;
    let lang = ctx.lang;
    let title = t!(lang, "permits.apply");
    let main = markup! {
        (heading(&[], &markup! { (title) }, &markup! { (t!(lang, "permits.apply_lead")) }))
        @for (group, kinds) in GROUPS {
            section aria-labelledby={ "group-" (group) } {
                h2 id={ "group-" (group) } { (text(lang, format!("permits.group.{group}"), &[])) }
                ul class="cards" {
                    @for kind in *kinds {
                        li {
                            p class="card-head" { a href={ "/permits/new/" (kind.code()) } { (kind_name(lang, *kind)) } }
                            p class="small muted" { (kind_help(lang, *kind)) }
                        }
                    }
                }
            }
        }
    };
    Ok(html(page(&ctx.frame(Place::PermitNew), &title, &main)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_stands_in_one_group() {
        let mut listed: Vec<PermitKind> =
            GROUPS.iter().flat_map(|(_, list)| *list).copied().collect();
        listed.sort_unstable();
        let mut all = PermitKind::ALL.to_vec();
        all.sort_unstable();
        assert_eq!(listed, all);
    }
}
