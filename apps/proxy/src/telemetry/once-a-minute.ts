/** Passes on the first of each minute's calls: what fails all the time would fill the log. */
export function onceAMinute<Argument>(tell: (argument: Argument) => void): (argument: Argument) => void {
  let quietUntil = 0;
  return (argument) => {
    const now = performance.now();
    if (now < quietUntil) return;
    quietUntil = now + 60_000;
    tell(argument);
  };
}
