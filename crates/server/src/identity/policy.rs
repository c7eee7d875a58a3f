//! What a password and a login must be.

use super::guessable::is_guessable;

/// Fewest characters of a password (NIST SP 800-63B-4 asks for at least 8, and 15 where it is the
/// only factor; 12 with throttling is our own policy).
pub const PASSWORD_MIN: usize = 12;

/// Most bytes of a password, so that hashing stays bounded.
pub const PASSWORD_MAX: usize = 1024;

/// Most characters of a login.
pub const LOGIN_MAX: usize = 64;

/// Why a password or login is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// Fewer than [`PASSWORD_MIN`] characters.
    #[error("too short")]
    PasswordTooShort,
    /// More than [`PASSWORD_MAX`] bytes.
    #[error("too long")]
    PasswordTooLong,
    /// It is the login, or contains nothing else.
    #[error("same as the login")]
    PasswordIsLogin,
    /// It is made of what a guesser tries first.
    #[error("easy to guess")]
    PasswordGuessable,
    /// The two entries differ.
    #[error("entries differ")]
    PasswordsDiffer,
    /// The login is empty, too long or holds characters that no login has.
    #[error("not a login")]
    LoginForm,
}

impl PolicyError {
    /// Every error, for the test that each has a message.
    pub const ALL: [Self; 6] = [
        Self::PasswordTooShort,
        Self::PasswordTooLong,
        Self::PasswordIsLogin,
        Self::PasswordGuessable,
        Self::PasswordsDiffer,
        Self::LoginForm,
    ];

    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::PasswordTooShort => "password.too-short",
            Self::PasswordTooLong => "password.too-long",
            Self::PasswordIsLogin => "password.is-login",
            Self::PasswordGuessable => "password.guessable",
            Self::PasswordsDiffer => "password.entries-differ",
            Self::LoginForm => "login.form",
        }
    }
}

/// Checks a new password and its second entry. `context` are names that a guesser would try: the
/// person's, the organisation's.
///
/// # Errors
/// [`PolicyError`] with the first thing that is wrong.
pub fn password(
    login: &str,
    context: &[&str],
    password: &str,
    again: &str,
) -> Result<(), PolicyError> {
    if password.len() > PASSWORD_MAX {
        return Err(PolicyError::PasswordTooLong);
    }
    if password.chars().count() < PASSWORD_MIN {
        return Err(PolicyError::PasswordTooShort);
    }
    if is_made_of(&password.to_lowercase(), &login.trim().to_lowercase()) {
        return Err(PolicyError::PasswordIsLogin);
    }
    let names: Vec<&str> = context.iter().copied().chain([login]).collect();
    if is_guessable(password, &names) {
        return Err(PolicyError::PasswordGuessable);
    }
    if password != again {
        return Err(PolicyError::PasswordsDiffer);
    }
    Ok(())
}

/// Whether a text is nothing but another one, once or repeated.
fn is_made_of(text: &str, part: &str) -> bool {
    !part.is_empty() && text.replace(part, "").trim().is_empty()
}

/// Checks a login: letters, digits and `.`, `_`, `-`, `@` of ASCII, in lower case as kept.
///
/// # Errors
/// [`PolicyError::LoginForm`].
pub fn login(text: &str) -> Result<String, PolicyError> {
    let login = text.trim().to_ascii_lowercase();
    let sound = login
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"._-@".contains(&b));
    if sound && (1..=LOGIN_MAX).contains(&login.len()) {
        Ok(login)
    } else {
        Err(PolicyError::LoginForm)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_checked() {
        let long = "あ".repeat(400);
        for (login, entry, again, expected) in [
            (
                "sato",
                "correct horse battery",
                "correct horse battery",
                Ok(()),
            ),
            (
                "sato",
                "関所を通るための合言葉です",
                "関所を通るための合言葉です",
                Ok(()),
            ),
            ("sato", "short", "short", Err(PolicyError::PasswordTooShort)),
            ("sato", &long, &long, Err(PolicyError::PasswordTooLong)),
            (
                "sato.hanako1",
                "Sato.Hanako1",
                "Sato.Hanako1",
                Err(PolicyError::PasswordIsLogin),
            ),
            (
                "sato",
                "satosatosato",
                "satosatosato",
                Err(PolicyError::PasswordIsLogin),
            ),
            (
                "sato",
                "aaaaaaaaaaaaa",
                "aaaaaaaaaaaaa",
                Err(PolicyError::PasswordGuessable),
            ),
            (
                "sato",
                "経済産業省-2026-2026",
                "経済産業省-2026-2026",
                Err(PolicyError::PasswordGuessable),
            ),
            (
                "sato",
                "correct horse",
                "correct  horse",
                Err(PolicyError::PasswordsDiffer),
            ),
        ] {
            assert_eq!(
                password(login, &["経済産業省"], entry, again),
                expected,
                "{entry}"
            );
        }
    }

    #[test]
    fn logins_are_checked() {
        assert_eq!(
            login(" Sato.H@example.go.jp "),
            Ok("sato.h@example.go.jp".to_owned())
        );
        for wrong in ["", "  ", "佐藤", "a b", "a\u{0}b", &"a".repeat(65)] {
            assert_eq!(login(wrong), Err(PolicyError::LoginForm), "{wrong:?}");
        }
    }
}
