//! The machine and its operating system.

use maud::{Markup, html};
use sekisho_domain::fact::{
    FirmwareSecurity, HardwareForm, Kernel, MachineIdentity, OsFamily, OsRelease, TimeSync,
};
use sekisho_domain::time::Timestamp;
use sekisho_messages::{Lang, t};

use super::{judged, stated};
use crate::console::components::{Definitions, definitions, instant_with_age, lang_text, yes_no};
use crate::console::layout::short;

const fn form(form: HardwareForm) -> &'static str {
    match form {
        HardwareForm::Portable => "fact.form.portable",
        HardwareForm::Handheld => "fact.form.handheld",
        HardwareForm::Desktop => "fact.form.desktop",
        HardwareForm::Server => "fact.form.server",
        HardwareForm::Virtual => "fact.form.virtual",
        HardwareForm::Container => "fact.form.container",
        HardwareForm::Unstated => "fact.form.unstated",
    }
}

pub(super) fn identity(lang: Lang, fact: &MachineIdentity) -> Markup {
    let mut list: Definitions = vec![
        (t!(lang, "fact.host_name"), html! { (fact.host_name) }),
        (
            t!(lang, "fact.hardware_form"),
            lang_text(lang, form(fact.form)),
        ),
        (t!(lang, "fact.vendor"), stated(fact.vendor.as_deref())),
        (t!(lang, "fact.model"), stated(fact.model.as_deref())),
        (t!(lang, "fact.serial"), stated(fact.serial.as_deref())),
    ];
    if let Some(digest) = &fact.machine_id_digest {
        let shown = html! { code class="digest" title=(digest) { (short(digest)) } };
        list.push((t!(lang, "fact.machine_id"), shown));
    }
    definitions(&list)
}

const fn family(family: OsFamily) -> &'static str {
    match family {
        OsFamily::Linux => "Linux",
        OsFamily::Windows => "Windows",
        OsFamily::MacOs => "macOS",
        OsFamily::Ios => "iOS / iPadOS",
        OsFamily::Android => "Android",
        OsFamily::Other => "–",
    }
}

pub(super) fn os(lang: Lang, fact: &OsRelease) -> Markup {
    let mut list: Definitions = vec![
        (t!(lang, "fact.os_name"), html! { (fact.pretty) }),
        (t!(lang, "fact.os_family"), html! { (family(fact.family)) }),
        (
            t!(lang, "fact.os_version"),
            html! { (fact.product) " " (fact.version) @if let Some(name) = &fact.codename { " (" (name) ")" } },
        ),
    ];
    if let Some(modified) = fact.modified {
        let word = if modified {
            t!(lang, "fact.os_modified_yes")
        } else {
            t!(lang, "fact.os_modified_no")
        };
        list.push((t!(lang, "fact.os_modified"), judged(!modified, &word)));
    }
    definitions(&list)
}

pub(super) fn kernel(lang: Lang, fact: &Kernel, now: Timestamp) -> Markup {
    let mut list: Definitions = vec![(
        t!(lang, "fact.kernel_running"),
        html! { code { (fact.release) } },
    )];
    if let Some(newest) = &fact.newest_installed {
        list.push((t!(lang, "fact.kernel_newest"), html! { code { (newest) } }));
    }
    if let Some(at) = fact.booted_at {
        list.push((t!(lang, "fact.booted"), instant_with_age(lang, at, now)));
    }
    definitions(&list)
}

pub(super) fn time_sync(lang: Lang, fact: &TimeSync) -> Markup {
    let service = match &fact.service {
        Some(name) => html! { (name) },
        None => html! { span class="muted" { (t!(lang, "fact.none")) } },
    };
    definitions(&[
        (t!(lang, "fact.time_service"), service),
        (t!(lang, "fact.running"), yes_no(lang, Some(fact.active))),
        (
            t!(lang, "fact.synchronised"),
            yes_no(lang, fact.synchronised),
        ),
    ])
}

pub(super) fn firmware(lang: Lang, fact: &FirmwareSecurity) -> Markup {
    let secure_boot = match fact.secure_boot {
        Some(true) => judged(true, &t!(lang, "fact.on")),
        Some(false) => judged(false, &t!(lang, "fact.off")),
        None => html! { span class="muted" { (t!(lang, "fact.firmware_has_none")) } },
    };
    let tpm = match &fact.tpm {
        Some(version) => html! { "TPM " (version) },
        None => html! { span class="muted" { (t!(lang, "fact.none")) } },
    };
    definitions(&[
        (t!(lang, "fact.uefi"), yes_no(lang, Some(fact.uefi))),
        (t!(lang, "fact.secure_boot"), secure_boot),
        ("TPM".into(), tpm),
    ])
}
