/** The time as pino wants it, made once a millisecond: making it takes as long as half of the rest of a line. */
export function lineClock(): () => string {
  let last = 0;
  let text = "";
  return () => {
    const now = Date.now();
    if (now !== last) {
      last = now;
      text = `,"time":"${new Date(now).toISOString()}"`;
    }
    return text;
  };
}
