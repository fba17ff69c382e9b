// The rule of the gate: facts in, verdict out. Twin of `admit` in market/gate/rules.py; a test runs both on the same
// table of cases. Times are milliseconds, null where the code did not lead that far.
export function admit(facts, at) {
  const questions = [
    [!facts.signed, "forged"],
    [!facts.known, "unknown_code"],
    [!facts.same_community, "other_community"],
    [!facts.same_day, "other_day"],
    [!facts.gate_open, "gate_closed"],
    [facts.released, "released"],
    [facts.revoked, "revoked"],
    [facts.stall_shut, "stall_shut"],
    [facts.barred, "may_not_stand"],
    [facts.valid_from !== null && at < facts.valid_from, "too_early"],
    [facts.valid_to !== null && at > facts.valid_to, "too_late"],
    [facts.admitted_at !== null, "already_in"],
  ];
  return questions.find(([refused]) => refused)?.[1] ?? "admitted";
}

export const DEFAULTS = {
  known: true,
  signed: true,
  same_community: true,
  same_day: true,
  gate_open: true,
  released: false,
  revoked: false,
  stall_shut: false,
  barred: false,
  valid_from: null,
  valid_to: null,
  admitted_at: null,
};
