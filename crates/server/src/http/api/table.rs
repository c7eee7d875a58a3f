//! Everything that can be asked for.

use sekisho_domain::permit::PermitKind;
use sekisho_domain::register::Register;
use serde_json::json;

use super::call::PAGE_MAX;
use super::command::BODY_MAX;
use super::operation::{Act, Operation, Parameter};
use super::schema::{Schema, component, noun, one_of, page, text};
use super::{
    access_rules, cases, checklist, clients, cuts, deputies, devices, exceptions, ledger, moves,
    opinions, organisation, people, permits, plan, registers, risk, rules, service_catalogue,
    services, status, structure, tables,
};

const LIMIT: Parameter = Parameter {
    name: "limit",
    about: "Most entries of the page; 50 unless said.",
    schema: || json!({ "type": "integer", "minimum": 1, "maximum": PAGE_MAX }),
};

const AFTER: Parameter = Parameter {
    name: "after",
    about: "The `next` of the page before.",
    schema: text,
};

const PAGES: &[Parameter] = &[LIMIT, AFTER];

const MAPPING: &[Parameter] = &[
    Parameter {
        name: "mapping",
        about: "How the table is read, as JSON: `columns` (heading to field), and where needed `words`, \
            `sheet` and `heading`. Headings are told by their names unless said.",
        schema: tables::mapping_schema,
    },
    Parameter {
        name: "on",
        about: "The day of a list of moves, where no column holds it; a day in Japan.",
        schema: tables::on_schema,
    },
];

const LOSSES: &[Parameter] = &[
    Parameter {
        name: "frequency",
        about: "How often a year, 0 to 365; required.",
        schema: text,
    },
    Parameter {
        name: "low",
        about: "The lower end of the 90 % interval of one loss, in whole yen; required.",
        schema: text,
    },
    Parameter {
        name: "high",
        about: "Its upper end; required.",
        schema: text,
    },
    Parameter {
        name: "years",
        about: "How many years are drawn, 100 to 100000; 10000 unless said. Times the frequency and one, no more \
            than 2000000.",
        schema: text,
    },
    Parameter {
        name: "seed",
        about: "The same seed gives the same figures; 1 unless said.",
        schema: text,
    },
];

const EXPORT: &[Parameter] = &[Parameter {
    name: "format",
    about: "What kind of file; XLSX unless said.",
    schema: tables::format_schema,
}];

/// Makes the table: a line a reading, a few a command.
macro_rules! operations {
    ($( $method:ident $path:literal $id:literal $about:literal $run:path
        $( , body $body:path )? $( , versioned $versioned:literal )? $( , most $most:path )?
        $( , keyed $keyed:literal )? $( , query $query:expr )?
        => $status:literal $answer:expr; )+) => {
        /// Every operation.
        pub(in crate::http) const OPERATIONS: &[Operation] = &[ $( Operation {
            path: concat!("/api/v1", $path),
            id: $id,
            about: $about,
            act: operations!(@ $method $run $( , body $body )? $( , versioned $versioned )?
                $( , most $most )? $( , keyed $keyed )?),
            query: operations!(# $( $query )?),
            answer: ($status, $answer),
        } ),+ ];
    };
    (@ GET $run:path) => { Act::Read($run) };
    (@ DOWNLOAD $run:path) => { Act::Download($run) };
    (@ POST $run:path, body $body:path) => {
        Act::Command { run: $run, body: $body, versioned: false, most: BODY_MAX }
    };
    (@ POST $run:path, body $body:path, versioned $versioned:literal) => {
        Act::Command { run: $run, body: $body, versioned: $versioned, most: BODY_MAX }
    };
    (@ POST $run:path, body $body:path, most $most:path) => {
        Act::Command { run: $run, body: $body, versioned: false, most: $most }
    };
    (@ POST $run:path, body $body:path, versioned $versioned:literal, most $most:path) => {
        Act::Command { run: $run, body: $body, versioned: $versioned, most: $most }
    };
    (@ FILE $run:path, keyed $keyed:literal) => {
        Act::Upload { run: $run, media: tables::MEDIA, keyed: $keyed, most: tables::BYTES_MAX }
    };
    (#) => { &[] };
    (# $query:expr) => { $query };
}

operations! {
    GET "/status" "getStatus" "The state in counts." status::status
        => 200 status::status_schema;
    GET "/assess" "getAssessment" "The verdict of every row, now or as it was known at a moment."
        status::assess, query &[Parameter {
            name: "at", about: "The moment; now unless said.", schema: text,
        }]
        => 200 status::assessment_schema;
    GET "/units" "listUnits" "Units." organisation::units, query PAGES
        => 200 || page(component("Unit"));
    POST "/units" "foundUnit" "Found a unit below another." organisation::found_unit,
        body organisation::found_unit_schema
        => 201 || component("Unit");
    GET "/units/{id}" "getUnit" "A unit." structure::one_unit
        => 200 || component("Unit");
    POST "/units/{id}/rename" "renameUnit" "Give a unit another name, from a moment on."
        structure::rename_unit, body structure::rename_unit_schema, versioned true
        => 200 || component("Unit");
    POST "/units/{id}/move" "moveUnit" "Put a unit below another, from a moment on."
        structure::move_unit, body structure::move_unit_schema, versioned true
        => 200 || component("Unit");
    POST "/units/{id}/abolish" "abolishUnit"
        "Abolish a unit; what it has follows to its heirs, to the first unless shared out."
        structure::abolish_unit, body structure::abolish_unit_schema, versioned true,
        most moves::BYTES_MAX
        => 200 || component("Unit");
    GET "/posts" "listPosts" "Posts." organisation::posts, query PAGES
        => 200 || page(component("Post"));
    POST "/posts" "createPost" "Create a post." organisation::create_post,
        body organisation::create_post_schema
        => 201 || component("Post");
    GET "/posts/{id}" "getPost" "A post." structure::one_post
        => 200 || component("Post");
    POST "/posts/{id}/change" "changePost" "Change a post; what is not named stays."
        structure::change_post, body structure::change_post_schema, versioned true
        => 200 || component("Post");
    POST "/posts/{id}/abolish" "abolishPost" "Abolish a post." structure::abolish_post,
        body structure::abolish_post_schema, versioned true
        => 200 || component("Post");
    GET "/people" "listPeople" "People." people::people, query PAGES
        => 200 || page(component("Person"));
    POST "/people" "registerPerson" "Register a person." people::register_person,
        body people::register_person_schema
        => 201 || component("Person");
    GET "/people/{id}" "getPerson" "A person." people::one_person
        => 200 || component("Person");
    POST "/people/{id}/change" "changePerson"
        "Change unit, name or mail; what is not named stays." people::change_person,
        body people::change_person_schema, versioned true
        => 200 || component("Person");
    POST "/people/{id}/leave" "recordLeaving"
        "Record that a person has left: posts end and accounts close." people::leave,
        body people::leave_schema, versioned true
        => 200 || component("Person");
    POST "/people/{id}/return" "recordReturn" "Record that a person is back." people::come_back,
        body people::return_schema, versioned true
        => 200 || component("Person");
    GET "/appointments" "listAppointments" "Appointments." organisation::appointments, query PAGES
        => 200 || page(component("Appointment"));
    POST "/appointments" "appoint" "Appoint a person to a post." organisation::appoint,
        body organisation::appoint_schema
        => 201 || component("Appointment");
    GET "/appointments/{id}" "getAppointment" "An appointment." organisation::one_appointment
        => 200 || component("Appointment");
    POST "/appointments/{id}/end" "endAppointment" "End an appointment."
        organisation::end_appointment, body organisation::end_appointment_schema
        => 200 || component("Appointment");
    GET "/moves" "listMoves" "Lists of personnel moves." moves::all, query PAGES
        => 200 || page(component("MoveList"));
    POST "/moves" "acceptMoves"
        "Accept a list of personnel moves as a whole; it is carried out on its day." moves::accept,
        body moves::accept_schema, most moves::BYTES_MAX
        => 201 || component("MoveList");
    GET "/moves/{id}" "getMoves" "A list of personnel moves." moves::one
        => 200 || component("MoveList");
    POST "/moves/{id}/withdraw" "withdrawMoves" "Take a list back before its day." moves::withdraw,
        body moves::withdraw_schema
        => 200 || component("MoveList");
    GET "/devices" "listDevices" "Devices." devices::devices, query PAGES
        => 200 || page(component("Device"));
    GET "/devices/{id}" "getDevice" "A device and its checks." devices::one_device
        => 200 devices::device_with_checks_schema;
    POST "/devices/{id}/state" "changeDevice" "Suspend, resume or retire a device."
        devices::change, body devices::change_schema
        => 200 || component("Device");
    GET "/registers" "listRegisters" "The registers." registers::index
        => 200 registers::index_schema;
    POST "/registers/{register}/empty" "declareEmpty" "Say that there is nothing to enter."
        registers::declare_empty, body registers::declare_empty_schema
        => 200 || component("Register");
    FILE "/registers/{register}/check" "checkTable"
        "Say what a table file (CSV, XLSX) would do to a register, or to `unit`, `post` or `person`, or as \
         a list of `moves`. Nothing changes." tables::check,
        keyed false, query MAPPING
        => 200 || component("TableReport");
    FILE "/registers/{register}/import" "importTable"
        "Take a table file (CSV, XLSX) into a register, or into `unit`, `post` or `person`, or as a list \
         of `moves`: all of it or nothing." tables::import,
        keyed true, query MAPPING
        => 200 || component("TableReport");
    DOWNLOAD "/registers/{register}/export" "exportTable"
        "What is in use of a register, or of `unit`, `post` or `person`, as a table file; of `moves` the \
         table to fill in. As far as the token may read it." tables::export,
        query EXPORT
        => 200 tables::file_schema;
    GET "/registers/{register}" "listEntries" "The entries of a register." registers::all,
        query &[LIMIT, AFTER, Parameter {
            name: "state",
            about: "Which entries; those in use unless said.",
            schema: || one_of(["active", "retired", "all"]),
        }]
        => 200 || page(component("Entry"));
    POST "/registers/{register}" "enterEntry" "Enter something in a register." registers::enter,
        body registers::new_entry_schema
        => 201 || component("Entry");
    GET "/registers/{register}/{id}" "getEntry" "An entry of a register." registers::one
        => 200 || component("Entry");
    POST "/registers/{register}/{id}/change" "changeEntry" "Change an entry as a whole."
        registers::change, body registers::changed_entry_schema, versioned true
        => 200 || component("Entry");
    POST "/registers/{register}/{id}/retire" "retireEntry" "Take an entry out of use."
        registers::retire, body registers::remark_only_schema, versioned true
        => 200 || component("Entry");
    POST "/registers/{register}/{id}/restore" "restoreEntry" "Take a retired entry into use again."
        registers::restore, body registers::remark_only_schema, versioned true
        => 200 || component("Entry");
    GET "/permits" "listPermits" "Permits: one's own, those that wait for one, or those of a unit."
        permits::all, query &[LIMIT, AFTER, Parameter {
            name: "of",
            about: "Which permits; one's own unless said. `unit` and `overdue` want `unit`.",
            schema: || one_of(permits::OF),
        }, Parameter { name: "unit", about: "A unit; those below it are included.", schema: text }]
        => 200 || page(component("Permit"));
    POST "/permits" "applyForPermit" "Apply for a permit." permits::apply,
        body permits::apply_schema
        => 201 || component("Permit");
    GET "/permits/{id}" "getPermit" "A permit." permits::one
        => 200 || component("Permit");
    POST "/permits/{id}/acts" "actOnPermit"
        "Decide on a permit, take it up, give it back, or whatever comes next in its life."
        permits::act, body permits::act_schema, versioned true
        => 200 || component("Permit");
    GET "/permit-rules" "getPermitRules" "Who decides where it can be chosen, and how numbers run."
        deputies::rules
        => 200 || component("PermitRules");
    POST "/permit-rules" "setPermitRules" "Set the rules; a kind that is not named takes its default."
        deputies::set_rules, body deputies::rules_schema
        => 200 || component("PermitRules");
    GET "/access-rules" "getAccessRules"
        "The organisation's own rules of access in force, and whether this program can use them."
        access_rules::rules
        => 200 || component("AccessRules");
    GET "/access-rules/versions" "listAccessRulesVersions" "Every version of them, the newest first."
        access_rules::history
        => 200 access_rules::history_schema;
    GET "/access-rules/versions/{version}" "getAccessRulesVersion" "A version of them."
        access_rules::one_version
        => 200 || component("AccessRules");
    POST "/access-rules" "setAccessRules"
        "Put rules in force; an empty text takes all of them back." access_rules::set,
        body access_rules::set_schema, versioned true, most access_rules::BODY
        => 200 || component("AccessRules");
    POST "/access-rules/check" "checkAccessRules" "Read rules and say what is wrong with them."
        access_rules::check, body access_rules::text_schema, most access_rules::BODY
        => 200 access_rules::checked_schema;
    POST "/access-rules/what-if" "tryAccessRules"
        "What rules would have changed in the answers of the last days, each on the facts of its moment."
        access_rules::what_if, body access_rules::what_if_schema, most access_rules::BODY
        => 200 access_rules::report_schema;
    GET "/plan" "getPlan" "The plan of telework, with what its baseline froze and what is measured now." plan::current
        => 200 || component("Plan");
    GET "/plan/draft" "getPlanDraft" "The draft that is being worked on; of revision 0 where there is none."
        plan::draft
        => 200 || component("PlanDraft");
    POST "/plan/draft" "writePlanDraft" "Write the draft, or begin one." plan::write,
        body plan::content_schema, versioned true
        => 200 || component("PlanDraft");
    POST "/plan/draft/acts" "actOnPlanDraft" "Propose the draft, throw it away, send it back, or approve it."
        plan::act, body plan::act_schema, versioned true
        => 200 || component("PlanDraft");
    DOWNLOAD "/plan/table" "exportPlan" "The decision table of the plan as a file." plan::export, query EXPORT
        => 200 tables::file_schema;
    FILE "/plan/draft/table" "importPlan"
        "Take the lines of a table file (CSV, XLSX) into the draft, in place of those that stand there: all of them \
         or nothing." plan::import,
        keyed true
        => 200 || component("PlanDraft");
    POST "/plan/evaluate" "evaluatePlan" "Hold use against the plan now." plan::evaluate,
        body plan::nothing_schema
        => 200 plan::done_schema;
    GET "/cases" "listCases" "Cases that call for a reassessment, open or over." cases::all, query PAGES
        => 200 || page(component("Case"));
    DOWNLOAD "/cases/table" "exportCases" "Cases as a file, a row for each figure." cases::export, query EXPORT
        => 200 tables::file_schema;
    GET "/cases/{id}" "getCase" "A case." cases::one
        => 200 || component("Case");
    POST "/cases/{id}/reassess" "reassessCase" "Record a reassessment, which closes the case." cases::reassess,
        body cases::reassess_schema, versioned true
        => 200 || component("Case");
    GET "/risks" "listRisks" "Risk assessments: drafts, proposals, and those approved." risk::all, query PAGES
        => 200 || page(component("Risk"));
    POST "/risks" "writeRisk"
        "Begin a risk assessment: what it rests on is measured and frozen, and the method's result told."
        risk::begin, body risk::content_schema
        => 200 || component("Risk");
    GET "/risks/{id}" "getRisk" "A risk assessment, with its frozen inputs put to the method again." risk::one
        => 200 || component("Risk");
    POST "/risks/{id}/draft" "rewriteRisk" "Write a draft anew; its inputs are measured and frozen again."
        risk::change, body risk::content_schema, versioned true
        => 200 || component("Risk");
    POST "/risks/{id}/acts" "actOnRisk"
        "Propose a draft, throw it away, send it back, or approve it, which closes the cases that it answers."
        risk::act, body risk::act_schema, versioned true
        => 200 || component("Risk");
    GET "/risks/annex" "drawLosses"
        "An annex for talks about budgets: a year's losses, drawn. It decides nothing and is not kept."
        risk::annex, query LOSSES
        => 200 risk::annex_schema;
    DOWNLOAD "/risks/table" "exportRisks" "The approved assessments as a file, in our levels and in those of SP 800-30."
        risk::export, query EXPORT
        => 200 tables::file_schema;
    GET "/rules" "listRules" "Rules, in force or not." rules::all, query PAGES
        => 200 || page(component("Rule"));
    POST "/rules" "draftRule" "Draft a new rule." rules::begin, body rules::content_schema
        => 201 || component("Rule");
    GET "/rules/{id}" "getRule" "A rule with its clauses in force, its draft and its versions." rules::one
        => 200 || component("Rule");
    POST "/rules/{id}/draft" "writeRuleDraft"
        "Write the draft of the next version. A clause without a number is a new one." rules::write,
        body rules::content_schema, versioned true
        => 200 || component("Rule");
    POST "/rules/{id}/draft/acts" "actOnRuleDraft"
        "Propose the draft, throw it away, send it back, or approve it." rules::act,
        body rules::act_schema, versioned true
        => 200 || component("Rule");
    FILE "/rules/{id}/draft/table" "importRule"
        "Take the clauses of a table file (CSV, XLSX) into the draft, in place of those that stand there: all of \
         them or nothing." rules::import,
        keyed true
        => 200 || component("Rule");
    POST "/rules/{id}/acknowledge" "acknowledgeRule" "Say that one has read the version in force."
        rules::acknowledge, body rules::acknowledge_schema
        => 200 || component("Rule");
    GET "/rules/{id}/changes" "getRuleChanges" "What changed between two versions, clause by clause."
        rules::changes, query &[
            Parameter { name: "from", about: "A version; the one before `to` unless said.", schema: text },
            Parameter { name: "to", about: "A version, or `draft`; the newest unless said.", schema: text },
        ]
        => 200 rules::changes_schema;
    GET "/rules/{id}/effect" "getRuleEffect" "What happened under each clause." rules::effect, query &[
            Parameter { name: "days", about: "Within how many days; a year unless said.", schema: text },
        ]
        => 200 rules::effect_schema;
    POST "/rules/{id}/effect" "concludeRule" "Record whether a rule works, with what was counted."
        rules::conclude, body rules::conclude_schema
        => 200 rules::effect_schema;
    DOWNLOAD "/rules/{id}/table" "exportRule" "The clauses in force as a file." rules::export, query EXPORT
        => 200 tables::file_schema;
    GET "/conflicts" "listConflicts" "What conflicts with the rules in force." rules::conflicts
        => 200 rules::conflicts_schema;
    GET "/opinions" "listOpinions" "What waits for an opinion of the promotion body, and what was given."
        opinions::all
        => 200 opinions::opinions_schema;
    POST "/opinions/gate" "setOpinionGate" "Settle whether approvals wait for an opinion." opinions::gate,
        body opinions::gate_schema
        => 200 opinions::opinions_schema;
    DOWNLOAD "/opinions/table" "exportOpinions" "Opinions as a file." opinions::export, query EXPORT
        => 200 tables::file_schema;
    GET "/opinions/{subject}" "getOpinion"
        "A proposal by its id, with the conflicts and results of checks that stand with an opinion on it."
        opinions::one
        => 200 opinions::about_schema;
    POST "/opinions/{subject}" "giveOpinion" "Give the promotion body's opinion on a proposal." opinions::give,
        body opinions::give_schema
        => 200 opinions::about_schema;
    GET "/exceptions" "listExceptions" "Exceptions that were given, running or over." exceptions::all, query PAGES
        => 200 || page(component("Exception"));
    DOWNLOAD "/exceptions/table" "exportExceptions" "Exceptions as a file." exceptions::export, query EXPORT
        => 200 tables::file_schema;
    GET "/exceptions/{id}" "getException" "An exception with what is measured of it now." exceptions::one
        => 200 || component("Exception");
    POST "/exceptions/{id}/acts" "actOnException"
        "Look at an exception again, make ordinary operation of it, stop it, or let it go on; what is measured is \
         frozen with it." exceptions::act, body exceptions::act_schema, versioned true
        => 200 || component("Exception");
    GET "/access/cuts" "listCuts" "Tunnels that were cut off within eight days." cuts::all, query PAGES
        => 200 || page(component("Cut"));
    POST "/access/cuts" "cutAccess"
        "Cut off the tunnels that stand: one, or all of a person, a device, a system or a gateway. An end \
         and no ban: whoever still holds the permits can connect again."
        cuts::carry_out, body cuts::wanted_schema
        => 200 cuts::done_schema;
    GET "/stand-ins" "listStandIns" "Stand-ins in force or to come." deputies::stand_ins, query PAGES
        => 200 || page(component("StandIn"));
    POST "/stand-ins" "nameStandIn" "Name who decides for the holder of a post who is absent."
        deputies::name_stand_in, body deputies::name_stand_in_schema
        => 201 || component("StandIn");
    GET "/stand-ins/{id}" "getStandIn" "A stand-in." deputies::one_stand_in
        => 200 || component("StandIn");
    POST "/stand-ins/{id}/end" "endStandIn" "End a stand-in now." deputies::end_stand_in,
        body deputies::end_schema
        => 200 || component("StandIn");
    GET "/delegations" "listDelegations" "Standing delegations in force or to come."
        deputies::delegations, query PAGES
        => 200 || page(component("Delegation"));
    POST "/delegations" "delegate" "Let the holder of one post decide for another, until further notice."
        deputies::delegate, body deputies::delegate_schema
        => 201 || component("Delegation");
    GET "/delegations/{id}" "getDelegation" "A standing delegation." deputies::one_delegation
        => 200 || component("Delegation");
    POST "/delegations/{id}/end" "endDelegation" "End a delegation, now unless said."
        deputies::end_delegation, body deputies::end_delegation_schema
        => 200 || component("Delegation");
    GET "/ledger" "getLedgerHead" "The newest checkpoint." ledger::head
        => 200 ledger::head_schema;
    GET "/ledger/records" "listRecords" "Number, kind, time and hash of records." ledger::records,
        query PAGES
        => 200 || page(component("Record"));
    GET "/services-in-use" "listServicesInUse"
        "Outside services that logs show to be used, and how each stands to the registers." services::all,
        query &[LIMIT, AFTER, Parameter {
            name: "state",
            about: "Which of them; all unless said. `open` waits for a word.",
            schema: || one_of(services::STATES),
        }]
        => 200 || page(component("ServiceInUse"));
    DOWNLOAD "/services-in-use/table" "exportServicesInUse" "Services in use as a file, a row for each unit."
        services::export, query EXPORT
        => 200 tables::file_schema;
    DOWNLOAD "/conference-matrix" "exportConferenceMatrix"
        "What may be handled with each conference tool, by who hosts the meeting, as a file." services::matrix,
        query EXPORT
        => 200 tables::file_schema;
    GET "/conference-tools/{id}/clients" "getConferenceClients"
        "Which versions of a conference tool's client devices report, and what is known against them." clients::show
        => 200 clients::schema;
    GET "/services-in-use/{id}" "getServiceInUse" "A service that is used, by unit." services::one
        => 200 || component("ServiceInUse");
    POST "/services-in-use/{id}/not-ours" "disownService"
        "Say that the use of a service is not the organisation's, or that it has stopped. To say that it is in use, enter it in its register."
        services::disown, body services::disown_schema, versioned true
        => 200 || component("ServiceInUse");
    GET "/service-catalogue" "getServiceCatalogue"
        "The list of services that logs are looked through with: where it is from, of when, and own entries."
        service_catalogue::show
        => 200 service_catalogue::schema;
    POST "/service-catalogue/own" "putOwnService"
        "Put an own entry into the list of services, in the place of one with the same id."
        service_catalogue::put, body service_catalogue::put_schema
        => 200 service_catalogue::schema;
    POST "/service-catalogue/own/{id}/remove" "removeOwnService" "Take an own entry out of the list of services."
        service_catalogue::remove, body service_catalogue::remove_schema
        => 200 service_catalogue::schema;
    POST "/log-sources/retire" "retireLogSource"
        "Say that a source of logs is none any more, so that its silence hides nothing. Read again, it counts again."
        services::retire, body services::retire_schema
        => 200 services::retired_schema;
    GET "/checklists/items" "listChecklistItems" "Items of checklists with their newest answers."
        checklist::items, query PAGES
        => 200 || page(component("ChecklistItem"));
    DOWNLOAD "/checklists/answers" "exportChecklistAnswers" "The items with their answers as a table file."
        checklist::export, query EXPORT
        => 200 tables::file_schema;
    POST "/checklists/items/{id}/answer" "answerChecklistItem"
        "Answer an item of a checklist, with what shows the answer. Items are loaded by their register."
        checklist::answer, body checklist::answer_schema
        => 200 || component("ChecklistItem");
    GET "/feeds" "listFeeds" "Feeds and how old they are." ledger::feeds
        => 200 ledger::feeds_schema;
}

/// A schema with the name under which others refer to it.
type Named = (&'static str, fn() -> Schema);

/// Schemas by name.
const NAMED: [Named; 29] = [
    ("Exception", exceptions::exception_schema),
    ("ChecklistItem", checklist::item_schema),
    ("Plan", plan::plan_schema),
    ("PlanDraft", plan::draft_schema),
    ("Case", cases::schema),
    ("Risk", risk::risk_schema),
    ("Rule", rules::rule_schema),
    ("Conflict", rules::conflict_schema),
    ("Opinion", opinions::opinion_schema),
    ("Name", organisation::name_schema),
    ("Interval", organisation::interval_schema),
    ("Unit", organisation::unit_schema),
    ("Post", organisation::post_schema),
    ("Person", people::person_schema),
    ("Appointment", organisation::appointment_schema),
    ("MoveList", moves::list_schema),
    ("Device", devices::device_schema),
    ("Register", registers::register_schema),
    ("TableReport", tables::report_schema),
    ("StandIn", deputies::stand_in_schema),
    ("Delegation", deputies::delegation_schema),
    ("PermitRules", deputies::rules_schema),
    ("AccessRules", access_rules::rules_schema),
    ("ChangedAnswers", access_rules::changed_schema),
    ("Cut", cuts::cut_schema),
    ("Entry", registers::entry_schema),
    ("Permit", permits::permit_schema),
    ("Record", ledger::record_schema),
    ("ServiceInUse", services::service_schema),
];

/// The schemas that others refer to, by name. Those of fields follow from the nouns.
pub(super) fn components() -> Vec<(String, Schema)> {
    let named = NAMED.iter();
    let mut all: Vec<(String, Schema)> = named
        .map(|(name, schema)| ((*name).to_owned(), schema()))
        .collect();
    let registers = Register::ALL.iter();
    all.extend(registers.map(|it| (registers::fields_name(*it), noun(it.fields()))));
    let kinds = PermitKind::ALL.iter();
    all.extend(kinds.map(|it| (permits::fields_name(*it), noun(it.fields()))));
    all
}
