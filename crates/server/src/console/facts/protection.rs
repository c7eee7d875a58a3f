//! What protects the machine.

use maud::{Markup, html};
use sekisho_domain::fact::{
    Antivirus, DiskEncryption, EncryptionLayer, Firewall, ScreenLock, SshDaemon, UsbHistory,
    VolumeUse,
};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_messages::{Lang, duration, t};

use super::{judged, stated};
use crate::console::components::{
    Column, Definitions, cell, definitions, instant, instant_with_age, lang_text, row_header,
    table, yes_no,
};

fn layer(lang: Lang, layer: EncryptionLayer, boot: bool) -> Markup {
    match layer {
        EncryptionLayer::Luks => judged(true, "LUKS"),
        EncryptionLayer::DmCrypt => judged(true, "dm-crypt"),
        EncryptionLayer::Native => judged(true, &t!(lang, "fact.layer.native")),
        EncryptionLayer::Memory => judged(true, &t!(lang, "fact.layer.memory")),
        EncryptionLayer::None if boot => html! { (t!(lang, "fact.layer.boot")) },
        EncryptionLayer::None => judged(false, &t!(lang, "fact.layer.none")),
        EncryptionLayer::Unknown => judged(false, &t!(lang, "fact.layer.unknown")),
    }
}

pub(super) fn disk(lang: Lang, fact: &DiskEncryption) -> Markup {
    let mount = Column::text(t!(lang, "fact.mount"));
    let device = Column::text(t!(lang, "fact.block_device"));
    let used = Column::text(t!(lang, "fact.used_for"));
    let encryption = Column::text(t!(lang, "fact.encryption"));
    if fact.volumes.is_empty() {
        return html! { p class="muted" { (t!(lang, "fact.no_volumes")) } };
    }
    let rows: Vec<Vec<Markup>> = fact
        .volumes
        .iter()
        .map(|volume| {
            let purpose = match volume.used_for {
                VolumeUse::FileSystem => "fact.use.file_system",
                VolumeUse::Swap => "fact.use.swap",
                VolumeUse::Boot => "fact.use.boot",
            };
            vec![
                row_header(&mount, &html! { code { (volume.mount) } }),
                cell(&device, &html! { code { (volume.device) } }),
                cell(&used, &lang_text(lang, purpose)),
                cell(
                    &encryption,
                    &layer(lang, volume.layer, volume.used_for == VolumeUse::Boot),
                ),
            ]
        })
        .collect();
    table(
        &t!(lang, "fact.kind.disk_encryption"),
        &[mount, device, used, encryption],
        &rows,
    )
}

pub(super) fn firewall(lang: Lang, fact: &Firewall) -> Markup {
    let filter = match &fact.filter {
        Some(name) => html! { (name) },
        None => judged(false, &t!(lang, "fact.none")),
    };
    let inbound = if fact.inbound_default_deny {
        judged(true, &t!(lang, "fact.inbound_denied"))
    } else {
        judged(false, &t!(lang, "fact.inbound_allowed"))
    };
    let state = if fact.enforced {
        "fact.enforced"
    } else {
        "fact.configured_only"
    };
    definitions(&[
        (t!(lang, "fact.filter"), filter),
        (t!(lang, "fact.inbound"), inbound),
        (
            t!(lang, "fact.rules"),
            html! { (sekisho_messages::number(i64::from(fact.rules))) },
        ),
        (t!(lang, "fact.basis"), lang_text(lang, state)),
    ])
}

pub(super) fn screen_lock(lang: Lang, fact: &ScreenLock) -> Markup {
    match fact {
        ScreenLock::Headless => html! { p { (t!(lang, "fact.headless")) } },
        ScreenLock::Desktop {
            desktop,
            enabled,
            idle_seconds,
            locked_by_policy,
        } => {
            let idle = match idle_seconds {
                Some(seconds) => html! { (duration(lang, Span::seconds(*seconds))) },
                None => judged(false, &t!(lang, "fact.never_locks")),
            };
            let on = if *enabled {
                t!(lang, "fact.on")
            } else {
                t!(lang, "fact.off")
            };
            definitions(&[
                (t!(lang, "fact.desktop"), html! { (desktop.to_uppercase()) }),
                (t!(lang, "fact.auto_lock"), judged(*enabled, &on)),
                (t!(lang, "fact.idle"), idle),
                (
                    t!(lang, "fact.by_policy"),
                    yes_no(lang, Some(*locked_by_policy)),
                ),
            ])
        }
    }
}

pub(super) fn ssh(lang: Lang, fact: &SshDaemon) -> Markup {
    if !fact.installed {
        return html! { p { (t!(lang, "fact.ssh_absent")) } };
    }
    let empty = match fact.permit_empty_passwords {
        Some(true) => judged(false, &t!(lang, "fact.accepted")),
        other => yes_no(lang, other),
    };
    definitions(&[
        (t!(lang, "fact.running"), yes_no(lang, fact.running)),
        (
            t!(lang, "fact.ssh_password"),
            yes_no(lang, fact.password_authentication),
        ),
        (
            t!(lang, "fact.ssh_root"),
            stated(fact.permit_root_login.as_deref()),
        ),
        (t!(lang, "fact.ssh_empty"), empty),
    ])
}

pub(super) fn antivirus(lang: Lang, fact: &Antivirus, now: Timestamp) -> Markup {
    let Some(product) = &fact.product else {
        return html! { p { (judged(false, &t!(lang, "fact.antivirus_none"))) } };
    };
    let mut list: Definitions = vec![
        (t!(lang, "fact.product"), html! { (product) }),
        (t!(lang, "fact.running"), yes_no(lang, Some(fact.active))),
    ];
    let signatures = match fact.signatures_at {
        Some(at) => instant_with_age(lang, at, now),
        None => html! { span class="muted" { (t!(lang, "console.not_seen")) } },
    };
    list.push((t!(lang, "fact.signatures"), signatures));
    definitions(&list)
}

pub(super) fn usb(lang: Lang, fact: &UsbHistory, now: Timestamp) -> Markup {
    let name = Column::text(t!(lang, "fact.usb_name"));
    let ids = Column::text(t!(lang, "fact.usb_ids"));
    let serial = Column::text(t!(lang, "fact.serial"));
    let last = Column::text(t!(lang, "fact.last_seen"));
    let rows: Vec<Vec<Markup>> = fact
        .devices
        .iter()
        .map(|device| {
            let when = match (device.attached, device.last_seen) {
                (true, _) => html! { strong { (t!(lang, "fact.attached_now")) } },
                (false, Some(at)) => instant_with_age(lang, at, now),
                (false, None) => html! { span class="muted" { (t!(lang, "console.not_seen")) } },
            };
            vec![
                row_header(&name, &stated(device.name.as_deref())),
                cell(
                    &ids,
                    &html! { code { (device.vendor) ":" (device.product) } },
                ),
                cell(&serial, &stated(device.serial.as_deref())),
                cell(&last, &when),
            ]
        })
        .collect();
    html! {
        @if rows.is_empty() { p { (t!(lang, "fact.usb_none")) } }
        @else { (table(&t!(lang, "fact.kind.usb_history"), &[name, ids, serial, last], &rows)) }
        p class="small muted" {
            @if let Some(since) = fact.since { (t!(lang, "fact.record_since")) (t!(lang, "console.colon")) (instant(lang, since)) }
            @else { (t!(lang, "fact.only_now")) }
        }
    }
}
