// One finding as plain text for a message or a ticket. The checker's messages hold no secrets, and no line of the file is
// added.

export function findingText(file, found) {
  const place = [found.path && `at ${found.path}`, found.location?.line && `line ${found.location.line}, column ${found.location.column}`].filter(Boolean).join(', ');
  return [
    `${found.severity}: ${found.message} [${found.code}]`,
    `in ${file.name}${place ? `, ${place}` : ''}`,
    found.help && `help: ${found.help}`,
    ...found.fixes.map((fix) => `fix: ${fix.title}`),
    `source: ${found.source}`,
  ].filter(Boolean).join('\n');
}

/** Hands the text to the system's share sheet, or copies it. */
export async function shareFinding({ notify }, file, found) {
  const text = findingText(file, found);
  if (navigator.share && matchMedia('(pointer: coarse)').matches) {
    try {
      await navigator.share({ title: found.code, text });
      return;
    } catch (error) {
      if (error.name === 'AbortError') return;
    }
  }
  try {
    await navigator.clipboard.writeText(text);
    notify('The finding was copied as text, without any secret.');
  } catch {
    notify('The browser does not let this page use the clipboard.');
  }
}
