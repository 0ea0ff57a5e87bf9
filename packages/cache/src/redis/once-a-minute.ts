/** Passes on what it is told at most once a minute: what fails with every request need not fill the log. */
export function onceAMinute<T>(
  tell: (news: T) => void,
  now: () => number = () => performance.now(),
): (news: T) => void {
  let quietUntil = Number.NEGATIVE_INFINITY;
  return (news) => {
    if (now() < quietUntil) return;
    quietUntil = now() + 60_000;
    tell(news);
  };
}
