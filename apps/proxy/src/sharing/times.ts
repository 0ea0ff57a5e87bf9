/** Milliseconds between two beats of this process. */
export const beatMs = 200;
/** Between two beats where something waits that another process may have given room for. */
export const soonMs = 25;
/** Between two beats of who rests. */
export const restMs = 1_000;
/** After which a member that is not heard of counts as dead, and its part is lent to others. */
export const leaseMs = 3_000;
/** Without an answer for which a process decides alone: sooner than others may think it dead. */
export const aloneAfterMs = 2_000;
/** For which a member may probe a server before another one does. */
export const probeMs = 5_000;
/** As long as core itself respects what a server says. */
export const longestCooldownMs = 300_000;
/** Between two moments in which all members together yield to strangers, about. */
export const yieldMs = 20_000;
/** Within which refusals are of one overload: until every member has heard of the first. */
export const quietMs = 500;
/** A minute of a deployment's `rpm`. */
export const minuteMs = 60_000;
