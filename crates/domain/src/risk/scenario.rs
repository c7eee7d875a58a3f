//! What can go wrong, and what only a person knows of it.

crate::choice! {
    /// What can go wrong (requirements.md 3.1).
    pub enum Scenario {
        /// 紛失・盗難: a device or medium is lost or stolen.
        Loss = "loss",
        /// のぞき見: somebody looks or listens.
        Peeping = "peeping",
        /// マルウェア.
        Malware = "malware",
        /// アカウントの窃取.
        AccountTheft = "account_theft",
        /// 通信回線への攻撃.
        LineAttack = "line_attack",
        /// 誤送信・誤共有.
        WrongSharing = "wrong_sharing",
        /// 不正利用: rules are broken.
        Misuse = "misuse",
        /// サービスの停止.
        ServiceFailure = "service_failure",
    }
}

crate::choice! {
    /// The three questions that the section's chief answers: what no sensor sees.
    pub enum Question {
        /// Whether others can see the display or hear what is said where the work is done.
        Overlooked = "overlooked",
        /// Whether information is carried on paper or media, or kept outside what is issued.
        Carried = "carried",
        /// Whether a procedure was changed or left out in a hurry, or people are not used to it.
        Hurried = "hurried",
    }
}

crate::choice! {
    /// An answer. What is not known counts like what is so.
    pub enum Answer {
        /// It is not so.
        No = "no",
        /// It is so.
        Yes = "yes",
        /// Nobody knows.
        Unknown = "unknown",
    }
}
