# The built-in rulebook in Rego, for comparison: the same conditions, rule by rule. The benchmark fails
# where it names other rules than the rulebook itself.
package sekisho

import rego.v1

deny contains "clock" if {
	not input.clock_sure
}

deny contains "person" if {
	not input.person.active
}

deny contains "device.stated" if {
	not input.device.stated
}

deny contains "device.enrolled" if {
	input.device.stated
	not input.device.enrolled
}

deny contains "device.suspended" if {
	input.device.suspended
}

deny contains "device.retired" if {
	input.device.retired
}

deny contains "device.theirs" if {
	input.device.enrolled
	not input.device.theirs
}

deny contains "system.in-use" if {
	input.action == "reach"
	not input.system.in_use
}

deny contains "system.remote" if {
	input.action == "reach"
	input.place.off_site
	not input.system.remote
}

deny contains "task.in-use" if {
	input.action == "reach"
	input.task.stated
	not input.task.in_use
}

deny contains "task.stopped" if {
	input.action == "reach"
	input.place.off_site
	input.task.stated
	input.task.stopped
}

deny contains "task.grade" if {
	input.action == "reach"
	input.place.off_site
	input.task.stated
	not input.task.covers
}

deny contains "posture.baseline" if {
	input.action == "reach"
	input.device.enrolled
	not input.posture.baseline
	not "posture.baseline" in input.excused
}

deny contains "posture.alarm" if {
	input.action == "reach"
	input.device.enrolled
	input.posture.alarm
	not "posture.alarm" in input.excused
}

deny contains "posture.safeguards" if {
	input.action == "reach"
	input.device.enrolled
	input.device.issued
	input.place.off_site
	input.grade.confidentiality >= 2
	not input.posture.safeguards
	not "posture.safeguards" in input.excused
}

deny contains "posture.safeguards-byod" if {
	input.action == "reach"
	input.device.enrolled
	not input.device.issued
	input.grade.confidentiality >= 2
	not input.posture.safeguards
	not "posture.safeguards-byod" in input.excused
}

deny contains "permit.telework" if {
	input.action == "reach"
	input.place.off_site
	not input.permits.telework
	not "permit.telework" in input.excused
}

deny contains "permit.take-out" if {
	input.action == "reach"
	input.place.outside_organisation
	input.device.enrolled
	input.device.issued
	not input.permits.take_out
	not "permit.take-out" in input.excused
}

deny contains "permit.off-site" if {
	input.action == "reach"
	input.place.off_site
	input.device.enrolled
	input.device.issued
	held_high
	not input.permits.off_site
	not "permit.off-site" in input.excused
}

deny contains "permit.byod" if {
	input.action == "reach"
	input.device.enrolled
	not input.device.issued
	protected
	not input.permits.byod
	not "permit.byod" in input.excused
}

deny contains "permit.remote-access" if {
	input.action == "reach"
	input.place.off_site
	not input.permits.remote_access
	not "permit.remote-access" in input.excused
}

deny contains "permit.line" if {
	input.action == "reach"
	input.place.off_site
	input.device.enrolled
	input.device.issued
	not input.line.listed
	not input.permits.line
	not "permit.line" in input.excused
}

deny contains "line.in-use" if {
	input.action == "join"
	not input.line.in_use
}

deny contains "line.in-use" if {
	input.action == "join"
	not input.line.internal
}

deny contains "join.inside" if {
	input.action == "join"
	input.place.off_site
}

deny contains "reconnection.inspection" if {
	input.action == "join"
	input.device.enrolled
	input.outside.was
	not input.posture.inspection
	not "reconnection.inspection" in input.excused
}

deny contains "posture.safeguards-byod-inside" if {
	input.action == "join"
	input.device.enrolled
	not input.device.issued
	input.grade.confidentiality >= 2
	not input.posture.safeguards
	not "posture.safeguards-byod-inside" in input.excused
}

deny contains "permit.reconnection" if {
	input.action == "join"
	input.device.enrolled
	input.outside.was
	not input.permits.reconnection
	not "permit.reconnection" in input.excused
}

deny contains "permit.connection" if {
	input.action == "join"
	input.device.enrolled
	not input.device.issued
	not input.permits.connection
	not "permit.connection" in input.excused
}

deny contains "permit.byod-inside" if {
	input.action == "join"
	input.device.enrolled
	not input.device.issued
	protected
	not input.permits.byod
	not "permit.byod-inside" in input.excused
}

protected if input.grade.confidentiality >= 2

protected if input.grade.integrity >= 2

protected if input.grade.availability >= 2

held_high if input.grade.confidentiality >= 3

held_high if input.grade.integrity >= 2

held_high if input.grade.availability >= 2
