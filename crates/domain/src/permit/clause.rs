//! The clause on which a permission rests.

crate::choice! {
    /// On what ground a permission is asked for or decided: a row of the catalogue, or a default of
    /// ours where no notice says it.
    pub enum Clause {
        /// A default of Sekisho's own.
        Default = "default",
        /// Take-out of issued devices properly administered.
        TakeOut = "GOV-3-1-b",
        /// Lines that systems may join.
        Lines = "US-8.1.1-3-b",
        /// Systems on internal lines.
        Systems = "US-8.1.1-3-c",
        /// Software outside the list.
        Software = "US-8.1.1-3-d2",
        /// Equipment.
        Equipment = "US-8.1.1-3-e",
        /// Issued devices outside the controlled area: C3, I2 or A2.
        OffSiteIssued = "US-8.1.1-3-h-ア",
        /// Devices that are not issued: protected information.
        NotIssued = "US-8.1.1-3-h-イ",
        /// Joining the internal line again.
        Reconnection = "US-8.1.1-3-j",
        /// External media: C3, I2 or A2.
        Media = "US-8.1.1-3-k",
        /// Application for a service under its published terms.
        ServiceUse = "US-4.1.2-2-a-ii",
        /// No confidential information in such a service.
        ServiceNoSecrets = "US-4.1.2-1-a-禁",
    }
}
