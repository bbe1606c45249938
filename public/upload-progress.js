// Sends the form at /publish and shows how far it is. Without this script the browser sends it itself.
//
// A script of its own and no island: sending with progress needs XMLHttpRequest, whose bindings would weigh on the first visit
// of every other page.
const form = document.querySelector('form[data-upload]');
const place = document.querySelector('[data-upload-outcome]');

/** The line that says how far it is, with a way to stop. */
function progressLine(stop) {
  const line = document.createElement('div');
  line.className = 'mt-6 flex flex-wrap items-center gap-3';
  const text = document.createElement('p');
  text.setAttribute('role', 'status');
  text.textContent = 'Sending…';
  const bar = document.createElement('progress');
  bar.className = 'h-2 min-w-40 grow';
  bar.max = 1;
  bar.value = 0;
  bar.setAttribute('aria-label', 'Sent');
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'button';
  button.textContent = 'Stop';
  button.addEventListener('click', stop);
  line.append(text, bar, button);
  let said = 0;
  return {
    line,
    show(sent, total) {
      bar.value = sent / total;
      const percent = Math.floor((100 * sent) / total);
      // Screen readers say each change: not every one.
      if (sent === total) {
        text.textContent = 'Sent. It is being looked at…';
        bar.removeAttribute('value');
      } else if (percent >= said + 5) {
        said = percent;
        text.textContent = `Sending… ${percent} %`;
      }
    },
  };
}

function say(sentence) {
  const notice = document.createElement('section');
  notice.className = 'notice mt-6';
  notice.setAttribute('role', 'status');
  notice.setAttribute('aria-label', 'What became of it');
  const text = document.createElement('p');
  text.className = 'font-semibold';
  text.textContent = sentence;
  notice.append(text);
  place.replaceChildren(notice);
}

/** Puts what the answer says into this page; what was typed and chosen stays. */
function showAnswer(request) {
  const address = new URL(request.responseURL);
  if (address.pathname !== new URL(form.action).pathname) {
    location.assign(address);
    return;
  }
  const outcome = new DOMParser().parseFromString(request.responseText, 'text/html').querySelector('[data-upload-outcome]');
  if (outcome) {
    place.replaceChildren(...outcome.childNodes);
    place.scrollIntoView({ block: 'nearest' });
  } else {
    say('The registry gave an answer that cannot be shown. Reload the page and try again.');
  }
}

function send(event) {
  event.preventDefault();
  const request = new XMLHttpRequest();
  const progress = progressLine(() => request.abort());
  const buttons = [...form.querySelectorAll('button')];
  for (const button of buttons) button.disabled = true;
  request.upload.addEventListener('progress', (at) => at.lengthComputable && progress.show(at.loaded, at.total));
  request.addEventListener('load', () => showAnswer(request));
  request.addEventListener('error', () => say('The connection broke, and its answer is not known. Sending the same file again does no harm.'));
  request.addEventListener('abort', () => say('Stopped. If everything had been sent, it may be published all the same.'));
  request.addEventListener('loadend', () => {
    for (const button of buttons) button.disabled = false;
  });
  request.open('POST', form.action);
  const body = new FormData(form);
  // Last, the file is: what is refused before it is read is refused at once.
  const file = body.get('file');
  body.delete('file');
  if (event.submitter?.name) body.append(event.submitter.name, event.submitter.value);
  body.append('file', file);
  place.replaceChildren(progress.line);
  request.send(body);
}

form?.addEventListener('submit', send);
