//! Secure Boot and TPM: variables of the firmware and `/sys/class/tpm`.

use sekisho_domain::fact::{FactValue, FirmwareSecurity, UnseenReason};

use super::machine_identity::in_container;
use super::{Found, Missed, Outcome};
use crate::host::{Host, ReadError};

const EFI: &str = "/sys/firmware/efi";
/// `SecureBoot` under the global GUID of the UEFI specification (3.3, "Globally Defined Variables").
const SECURE_BOOT: &str =
    "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
const TPM: &str = "/sys/class/tpm";

/// Four bytes of attributes precede the value, which is one byte.
fn secure_boot(bytes: &[u8]) -> Option<bool> {
    match bytes {
        [_, _, _, _, 0] => Some(false),
        [_, _, _, _, 1] => Some(true),
        _ => None,
    }
}

fn tpm(host: &Host) -> Result<Option<String>, ReadError> {
    let names = host.names(TPM)?;
    let Some(device) = names.iter().find(|name| name.starts_with("tpm")) else {
        return Ok(None);
    };
    let major = host.line(format!("{TPM}/{device}/tpm_version_major"));
    Ok(Some(match major.as_deref() {
        Some("2") => "2.0".to_owned(),
        // Kernels before 5.6 name no version; only of TPM 1.2 they show capabilities.
        Some("1") => "1.2".to_owned(),
        None if host.has(format!("{TPM}/{device}/device/caps")) => "1.2".to_owned(),
        Some(other) => other.to_owned(),
        None => "?".to_owned(),
    }))
}

pub(super) fn collect(host: &Host) -> Outcome {
    if in_container(host) {
        let reason = UnseenReason::Hidden {
            what: "container".to_owned(),
        };
        return Err(Missed {
            reason,
            source: EFI.to_owned(),
        });
    }
    if !host.has("/sys/class") {
        return Err(Missed::read("/sys/class", &ReadError::Missing));
    }
    let uefi = host
        .exists(EFI)
        .map_err(|error| Missed::read(EFI, &error))?;
    let (secure_boot, partial) = match host.read_bounded(SECURE_BOOT, 4096) {
        Ok(bytes) => match secure_boot(&bytes) {
            Some(on) => (Some(on), None),
            None => return Err(Missed::unreadable(SECURE_BOOT, "not one byte of 0 or 1")),
        },
        // Started by UEFI, and its variables are not mounted.
        Err(ReadError::Missing)
            if uefi && host.names("/sys/firmware/efi/efivars") == Ok(vec![]) =>
        {
            let what = "/sys/firmware/efi/efivars".to_owned();
            (None, Some(UnseenReason::SourceMissing { what }))
        }
        Err(ReadError::Missing) => (None, None),
        Err(error) => (None, Some(error.reason(SECURE_BOOT))),
    };
    let value = FactValue::FirmwareSecurity(FirmwareSecurity {
        uefi,
        secure_boot,
        tpm: tpm(host).map_err(|error| Missed::read(TPM, &error))?,
    });
    Ok(Found::new(value, format!("{SECURE_BOOT}, {TPM}")).lacking(partial))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_is_one_byte_after_its_attributes() {
        assert_eq!(secure_boot(&[6, 0, 0, 0, 1]), Some(true));
        assert_eq!(secure_boot(&[6, 0, 0, 0, 0]), Some(false));
        assert_eq!(secure_boot(&[6, 0, 0, 0]), None);
        assert_eq!(secure_boot(&[6, 0, 0, 0, 2]), None);
    }
}
