// The latest conversations, listed below their button in the head; and keys that lead to the box of the open tab.
if (element.querySelector('.recents')) listRecent();

function listRecent() {
  EVENTS.push('latest');
  const list = () => element.querySelector('.recents');
  let wanted = false;

  function close(back) {
    wanted = false;
    if (!list().open) return;
    list().open = false;
    if (back) list().querySelector('summary').focus();
  }

  element.addEventListener('click', (event) => {
    if (event.target.closest('summary')) {
      wanted = !list().open;
      if (wanted) trigger('latest', {});
    }
    const tab = event.target.closest('[data-tab]')?.dataset.tab;
    if (tab) tabNamed(tab)?.click();
    if (event.target.closest('[data-tab], [data-event=open]')) close(false);
  });
  watch('value', () => {
    list().open = wanted;
    const shown = document.querySelector('#current [data-address]')?.dataset.address;
    element.querySelectorAll('[data-conversation]').forEach((one) => {
      if (shown && one.dataset.conversation === shown) one.setAttribute('aria-current', 'true');
    });
  });
  document.addEventListener('pointerdown', (event) => { if (!element.contains(event.target)) close(false); });
  document.addEventListener('keydown', (event) => { if (event.key === 'Escape') close(element.contains(document.activeElement)); });

  document.addEventListener('keydown', (event) => {
    if (event.altKey || event.shiftKey || event.isComposing) return;
    if (!(event.ctrlKey || event.metaKey) || event.key !== 'k') return;
    event.preventDefault();
    const boxes = ['#message textarea', '#search :is(input, textarea)', '#said :is(input, textarea)'].map((where) => document.querySelector(where));
    const seen = boxes.find((box) => box?.checkVisibility());
    if (seen) seen.focus();
    else toAsk();
  });

  function toAsk() {
    tabNamed('ask').click();
    setTimeout(() => document.querySelector('#message textarea').focus());  // once it is shown
  }

  function tabNamed(name) {
    return [...document.querySelectorAll('#tabs [role=tab]')].find((tab) => tab.textContent.trim().toLowerCase() === name);
  }
}
