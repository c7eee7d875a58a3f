//! Everything that can be asked for.

use sekisho_domain::permit::PermitKind;
use sekisho_domain::register::Register;
use serde_json::json;

use super::call::PAGE_MAX;
use super::operation::{Act, Operation, Parameter};
use super::schema::{Schema, component, noun, one_of, page, text};
use super::{devices, ledger, organisation, permits, registers, status};

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

/// Makes the table: a line a reading, a few a command.
macro_rules! operations {
    ($( $method:ident $path:literal $id:literal $about:literal $run:path
        $( , body $body:path )? $( , versioned $versioned:literal )? $( , query $query:expr )?
        => $status:literal $answer:expr; )+) => {
        /// Every operation.
        pub(in crate::http) const OPERATIONS: &[Operation] = &[ $( Operation {
            path: concat!("/api/v1", $path),
            id: $id,
            about: $about,
            act: operations!(@ $method $run $( , body $body )? $( , versioned $versioned )?),
            query: operations!(# $( $query )?),
            answer: ($status, $answer),
        } ),+ ];
    };
    (@ GET $run:path) => { Act::Read($run) };
    (@ POST $run:path, body $body:path) => {
        Act::Command { run: $run, body: $body, versioned: false }
    };
    (@ POST $run:path, body $body:path, versioned $versioned:literal) => {
        Act::Command { run: $run, body: $body, versioned: $versioned }
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
    GET "/units/{id}" "getUnit" "A unit." organisation::one_unit
        => 200 || component("Unit");
    GET "/posts" "listPosts" "Posts." organisation::posts, query PAGES
        => 200 || page(component("Post"));
    POST "/posts" "createPost" "Create a post." organisation::create_post,
        body organisation::create_post_schema
        => 201 || component("Post");
    GET "/people" "listPeople" "People." organisation::people, query PAGES
        => 200 || page(component("Person"));
    POST "/people" "registerPerson" "Register a person." organisation::register_person,
        body organisation::register_person_schema
        => 201 || component("Person");
    GET "/people/{id}" "getPerson" "A person." organisation::one_person
        => 200 || component("Person");
    GET "/appointments" "listAppointments" "Appointments." organisation::appointments, query PAGES
        => 200 || page(component("Appointment"));
    POST "/appointments" "appoint" "Appoint a person to a post." organisation::appoint,
        body organisation::appoint_schema
        => 201 || component("Appointment");
    POST "/appointments/{id}/end" "endAppointment" "End an appointment."
        organisation::end_appointment, body organisation::end_appointment_schema
        => 200 || component("Appointment");
    GET "/devices" "listDevices" "Devices." devices::devices, query PAGES
        => 200 || page(component("Device"));
    GET "/devices/{id}" "getDevice" "A device and its checks." devices::one_device
        => 200 devices::device_with_checks_schema;
    POST "/devices/{id}/state" "changeDevice" "Suspend, resume or retire a device."
        devices::change, body devices::change_schema
        => 200 || component("Device");
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
    GET "/ledger" "getLedgerHead" "The newest checkpoint." ledger::head
        => 200 ledger::head_schema;
    GET "/ledger/records" "listRecords" "Number, kind, time and hash of records." ledger::records,
        query PAGES
        => 200 || page(component("Record"));
    GET "/feeds" "listFeeds" "Feeds and how old they are." ledger::feeds
        => 200 ledger::feeds_schema;
}

/// A schema with the name under which others refer to it.
type Named = (&'static str, fn() -> Schema);

/// Schemas by name.
const NAMED: [Named; 10] = [
    ("Name", organisation::name_schema),
    ("Interval", organisation::interval_schema),
    ("Unit", organisation::unit_schema),
    ("Post", organisation::post_schema),
    ("Person", organisation::person_schema),
    ("Appointment", organisation::appointment_schema),
    ("Device", devices::device_schema),
    ("Entry", registers::entry_schema),
    ("Permit", permits::permit_schema),
    ("Record", ledger::record_schema),
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
