// Says what a token is for while its patterns are typed. Without this script it is said when the form was sent.

const field = document.querySelector('#patterns');
const list = document.querySelector('[data-patterns-of]');
const isPattern = /^(?=.)([a-z][a-z0-9_-]{0,62})?\*?$/i;
const folded = (name) => name.toLowerCase().replaceAll('-', '_');

/** What a pattern matches, in the words of the server. */
function words(pattern) {
  if (!isPattern.test(pattern)) {
    return "a pattern is the name of a package, the beginning of names with a '*' behind it, or '*' alone";
  }
  if (pattern === '*') return 'every package';
  return pattern.endsWith('*') ? `packages whose names begin with ${pattern.slice(0, -1)}` : `the package ${pattern}`;
}

/** Which of somebody's own packages it matches. */
function own(pattern) {
  const beginning = folded(pattern).replace(/\*$/, '');
  const matches = (name) => (pattern.endsWith('*') ? folded(name).startsWith(beginning) : folded(name) === beginning);
  const names = list.dataset.patternsOf.split(' ').filter((name) => name && isPattern.test(pattern) && matches(name));
  if (names.length === 0) return '; none that you have now';
  const shown = names.slice(0, 5).join(', ');
  return names.length > 5 ? `; now ${shown} and ${names.length - 5} more` : `; now ${shown}`;
}

function explain() {
  const patterns = field.value.split(/[\s,]+/).filter(Boolean);
  list.replaceChildren(
    ...(patterns.length > 0 ? patterns : ['*']).map((pattern) => {
      const item = document.createElement('li');
      item.className = 'break-words';
      const name = document.createElement('span');
      name.className = 'font-mono break-all text-ink';
      name.textContent = pattern;
      item.append(name, `: ${words(pattern)}${own(pattern)}`);
      return item;
    }),
  );
}

if (field && list) {
  field.addEventListener('input', explain);
  explain();
}
