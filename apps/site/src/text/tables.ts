/**
 * HTML whose tables have no empty heads. Markdown knows no table without a head, so pages write one that is empty, which says nothing to
 * who hears it.
 */
export function withoutEmptyHeads(html: string): string {
  return html
    .replaceAll(/<thead>\s*<tr>(?:\s*<th[^>]*>\s*<\/th>)+\s*<\/tr>\s*<\/thead>/g, "")
    .replaceAll(/<th(?: [^>]*)?>\s*<\/th>/g, "<td></td>");
}
