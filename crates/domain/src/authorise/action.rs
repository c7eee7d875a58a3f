//! The actions that the gate is asked for.

/// Defines the actions with their codes, so that none can be missing from the list.
macro_rules! actions {
    ($( $(#[$doc:meta])* $variant:ident = $code:literal, )+) => {
        /// What someone wants to do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Action { $( $(#[$doc])* $variant ),+ }

        impl Action {
            /// Every action.
            pub const ALL: [Self; [$( $code ),+].len()] = [ $( Self::$variant ),+ ];

            /// The stable code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $( Self::$variant => $code ),+ }
            }
        }
    };
}

actions! {
    /// Read the overview and the rows with their verdicts.
    ReadStatus = "read-status",
    /// Read a device's facts and results.
    ReadDevice = "read-device",
    /// Read the ledger page: head, checkpoints, kinds and times of records.
    ReadLedger = "read-ledger",
    /// Read personal observations (sign-ins, discovery by person, place), for a stated purpose.
    ReadPersonal = "read-personal",
    /// Read names in the directory.
    ReadDirectory = "read-directory",
    /// Found the organisation.
    FoundOrganisation = "found-organisation",
    /// Choose the profile.
    ChangeProfile = "change-profile",
    /// Put a version of the catalogue in force.
    AdoptCatalogue = "adopt-catalogue",
    /// Found units.
    FoundUnit = "found-unit",
    /// Create posts.
    CreatePost = "create-post",
    /// Register people.
    RegisterPerson = "register-person",
    /// Forget a person.
    ForgetPerson = "forget-person",
    /// Make and end appointments.
    Appoint = "appoint",
    /// Issue and close accounts.
    IssueAccount = "issue-account",
    /// Hand out enrolment secrets and enrol devices.
    EnrolDevice = "enrol-device",
    /// Suspend, resume and retire devices.
    ChangeDevice = "change-device",
    /// Attest a row.
    Attest = "attest",
    /// Report what a device saw.
    Report = "report",
    /// Record results, verdicts and assessments.
    RecordVerdict = "record-verdict",
    /// Bring in feeds.
    ImportFeed = "import-feed",
    /// Configure the service, checkpoints included.
    Configure = "configure",
    /// Back up and restore.
    Backup = "backup",
    /// Verify and export the ledger with its records.
    VerifyLedger = "verify-ledger",
    /// Confirm the clock after a step.
    ConfirmClock = "confirm-clock",
    /// Open break-glass, together with a second officer who may too.
    OpenBreakGlass = "open-break-glass",
    /// Close break-glass.
    CloseBreakGlass = "close-break-glass",
    /// Issue and revoke API tokens of posts that one holds; service accounts and the tokens of
    /// others for the whole.
    IssueToken = "issue-token",
    /// See which letters wait or failed, and have them tried again.
    HandleMail = "handle-mail",
    /// Change what is known of a person: unit and name; record who leaves and who returns.
    ChangePerson = "change-person",
    /// Change one's own mail address.
    ChangeOwnMail = "change-own-mail",
    /// Rename, move and abolish units, and say what follows where.
    Reorganise = "reorganise",
    /// Change and abolish posts.
    ChangePost = "change-post",
    /// Accept and withdraw lists of personnel moves.
    AcceptMoves = "accept-moves",
    /// Carry out what an accepted list of moves says, on its day.
    CarryOutMoves = "carry-out-moves",
    /// Read the registers that anyone chooses from: media, software, lines, systems, services, conference tools, tasks.
    ReadRegisters = "read-registers",
    /// Read the register of incidents.
    ReadIncidents = "read-incidents",
    /// Read reports of unease.
    ReadConcerns = "read-concerns",
    /// Keep the register of issued devices.
    KeepDevices = "keep-devices",
    /// Keep the register of devices that are not issued.
    KeepByod = "keep-byod",
    /// Keep the register of media.
    KeepMedia = "keep-media",
    /// Keep the lists of software.
    KeepSoftware = "keep-software",
    /// Keep the register of lines.
    KeepLines = "keep-lines",
    /// Keep the register of systems.
    KeepSystems = "keep-systems",
    /// Keep the register of external services.
    KeepServices = "keep-services",
    /// Keep the register of conference tools.
    KeepConferenceTools = "keep-conference-tools",
    /// Keep the register of tasks.
    KeepTasks = "keep-tasks",
    /// Keep the register of incidents.
    KeepIncidents = "keep-incidents",
    /// Tell of unease.
    RaiseConcern = "raise-concern",
    /// Examine and answer reports of unease.
    AnswerConcern = "answer-concern",
    /// Report an incident.
    ReportIncident = "report-incident",
    /// Choose whether unease may be told without a name.
    SetConcernRules = "set-concern-rules",
    /// Keep the list of earlier advisories and what was done about each.
    KeepAdvisories = "keep-advisories",
    /// Load the items of checklists.
    KeepChecklists = "keep-checklists",
    /// Answer the items of checklists.
    AnswerChecklist = "answer-checklist",
    /// Apply for a permit for oneself, and do with it what its applicant does.
    ApplyPermit = "apply-permit",
    /// Read permits.
    ReadPermit = "read-permit",
    /// Decide on permits, for the post on the route.
    DecidePermit = "decide-permit",
    /// Hold a permit for the time being.
    HoldPermit = "hold-permit",
    /// Receive and inspect what is owed at the end of a permit.
    ReceivePermit = "receive-permit",
    /// Record ends that time has brought, routes that changed, and ends by a move.
    SettlePermit = "settle-permit",
    /// Choose how permits are numbered, and who decides where the notices name no one.
    SetPermitRules = "set-permit-rules",
    /// Name and end stand-ins for the holder of a post.
    NameStandIn = "name-stand-in",
    /// Delegate decisions of a post to another, and end that.
    Delegate = "delegate",
    /// Ask the decision point whether somebody may do something, and why not.
    AskAccess = "ask-access",
    /// See who reaches what now and why, which tunnels stand, and the state of gateways.
    ReadAccess = "read-access",
    /// Cut off tunnels of others.
    CutAccess = "cut-access",
    /// Read the organisation's own rules of access, and how they came about.
    ReadAccessRules = "read-access-rules",
    /// Set the organisation's own rules of access, and see what others would have changed.
    SetAccessRules = "set-access-rules",
    /// Ask for devices at a switch of an internal line, and tell what became of them.
    AskAdmission = "ask-admission",
    /// Read the plan of telework and how it came about.
    ReadPlan = "read-plan",
    /// Draft and propose a plan of telework.
    DraftPlan = "draft-plan",
    /// Approve a plan of telework that somebody else proposed, or send it back.
    ApprovePlan = "approve-plan",
    /// Read the cases that call for a reassessment.
    ReadCases = "read-cases",
    /// Reassess a case and close it.
    ReassessCase = "reassess-case",
    /// Read risk assessments.
    ReadRisks = "read-risks",
    /// Draft and propose a risk assessment.
    DraftRisk = "draft-risk",
    /// Approve a risk assessment that somebody else proposed, or send it back.
    ApproveRisk = "approve-risk",
    /// The same of one that found a high risk.
    ApproveHighRisk = "approve-high-risk",
    /// The same of one that accepts a risk for the time being.
    AcceptRisk = "accept-risk",
    /// Have use held against the plan now.
    EvaluatePlan = "evaluate-plan",
    /// Record what came of holding use against the plan.
    RecordEvaluation = "record-evaluation",
    /// See which outside services are really used, by unit.
    ReadServiceUse = "read-service-use",
    /// Read rules, their versions and what changed.
    ReadRules = "read-rules",
    /// Draft and propose a version of a rule.
    DraftRule = "draft-rule",
    /// Approve a version of a rule that somebody else proposed, or send it back.
    ApproveRule = "approve-rule",
    /// Say that one has read a rule.
    AcknowledgeRule = "acknowledge-rule",
    /// Read what was counted under clauses, and who is still to read a rule.
    ReadRuleEffect = "read-rule-effect",
    /// Conclude whether a rule works.
    CheckRule = "check-rule",
    /// Read opinions of the promotion body and what waits for one.
    ReadOpinions = "read-opinions",
    /// Give an opinion of the promotion body.
    GiveOpinion = "give-opinion",
    /// Settle whether approvals wait for an opinion.
    SetOpinionGate = "set-opinion-gate",
}
