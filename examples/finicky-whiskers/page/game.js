// A round: POST /session gives the menu, each morsel is a POST /tally, GET /score is what counts,
// POST /highscore enters it. What is on the screen is a guess until the services answer.

const NAMES = { fish: 'Fish', chicken: 'Chicken', beef: 'Beef', veg: 'Veg' };
const FOODS = Object.keys(NAMES);
// How long a score may lag behind the last morsel: with Redis, counting happens a moment later.
const SETTLE_MS = 5000;

const find = (id) => document.getElementById(id);
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

let round = null;

async function ask(path, body) {
  const reply = await fetch(path, body && { method: 'POST', body: JSON.stringify(body) });
  const answer = await reply.json().catch(() => ({}));
  if (!reply.ok) throw new Error(answer.error ?? `the kitchen answers ${reply.status}`);
  return answer;
}

function show(state) {
  document.body.dataset.state = state;
}

function complain(error) {
  find('problem').textContent = error ? `That did not work: ${error.message}.` : '';
}

function picture(food) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
  use.setAttribute('href', `#${food}`);
  svg.append(use);
  return svg;
}

async function start() {
  find('start').disabled = find('again').disabled = true;
  complain();
  try {
    const session = await ask('session', {});
    round = { ...session, began: performance.now(), wish: -1, sent: [], right: 0, wrong: 0, timers: [] };
    show('playing');
    requestAnimationFrame(tick);
  } catch (error) {
    show('ready');
    complain(error);
  }
  find('start').disabled = find('again').disabled = false;
}

// Each frame: the clock, and whether the cat has changed its mind.
function tick() {
  const length = round.seconds * 1000;
  const passed = performance.now() - round.began;
  if (passed >= length) {
    finish(round);
    return;
  }
  find('clock').style.transform = `scaleX(${1 - passed / length})`;
  find('time').textContent = Math.ceil((length - passed) / 1000);
  const wish = round.menu.findLastIndex((each) => each.at <= passed);
  if (wish !== round.wish) makeWish(wish);
  requestAnimationFrame(tick);
}

function makeWish(wish) {
  round.wish = wish;
  const { food } = round.menu[wish];
  find('wish-picture').firstElementChild.setAttribute('href', `#${food}`);
  say(`${NAMES[food]}!`);
}

function say(text) {
  const bubble = find('bubble');
  find('wish').textContent = text;
  bubble.classList.remove('new');
  void bubble.offsetWidth;
  bubble.classList.add('new');
}

function mood(name) {
  const cat = find('cat');
  cat.classList.remove('happy', 'cross');
  void cat.getBoundingClientRect();
  if (name) cat.classList.add(name);
  clearTimeout(mood.timer);
  mood.timer = setTimeout(() => cat.classList.remove('happy', 'cross'), 450);
}

function feed(food) {
  if (document.body.dataset.state !== 'playing' || round.wish < 0) return;
  const current = round;
  const right = food === current.menu[current.wish].food;
  throwMorsel(food, right);
  mood(right ? 'happy' : 'cross');
  count(current, right);
  current.sent.push(
    ask('tally', { id: current.id, wish: current.wish, food }).catch((error) => {
      // Not counted after all.
      count(current, right, -1);
      complain(error);
    }),
  );
}

function count(current, right, number = 1) {
  current[right ? 'right' : 'wrong'] += number;
  find('score').textContent = Math.max(current.right - current.wrong, 0);
}

function throwMorsel(food, right) {
  const morsel = picture(food);
  if (!right) morsel.classList.add('refused');
  find('morsels').append(morsel);
  setTimeout(() => morsel.remove(), 700);
}

async function finish(current) {
  show('over');
  mood('happy');
  find('clock').style.transform = 'scaleX(0)';
  find('time').textContent = '0';
  find('rank').textContent = '';
  find('enter').className = 'done';
  find('total').textContent = '…';
  find('verdict').textContent = '';
  find('eaten').replaceChildren();
  say('Prrrr.');
  await Promise.all(current.sent);
  try {
    const score = await settledScore(current);
    showScore(score);
  } catch (error) {
    find('rank').textContent = `The score is not known: ${error.message}.`;
  }
}

async function settledScore(current) {
  const until = performance.now() + SETTLE_MS;
  for (;;) {
    const score = await ask(`score?id=${current.id}`);
    const counted = FOODS.reduce((sum, food) => sum + score[food], 0);
    if ((counted === current.right && score.wrong === current.wrong) || performance.now() > until) return score;
    await pause(100);
  }
}

function showScore(score) {
  find('score').textContent = find('total').textContent = score.total;
  find('verdict').textContent = score.total === 0 ? 'points. She will remember.' : 'points. She is asleep already.';
  find('eaten').replaceChildren(...FOODS.map((food) => {
    const item = document.createElement('li');
    item.append(picture(food), `${score[food]}`);
    item.title = NAMES[food];
    return item;
  }));
  if (score.wrong > 0) {
    const item = document.createElement('li');
    item.textContent = `${score.wrong} refused`;
    find('eaten').append(item);
  }
  if (score.total > 0) {
    find('enter').className = '';
    find('name').focus();
  }
}

async function enter(event) {
  event.preventDefault();
  const name = find('name').value.trim();
  if (!name) return;
  try {
    const answer = await ask('highscore', { id: round.id, name });
    find('enter').className = 'done';
    find('rank').textContent = `Place ${answer.rank} for ${name}.`;
    showBest(answer.best);
  } catch (error) {
    find('rank').textContent = `Not entered: ${error.message}.`;
  }
}

function showBest(best) {
  const rows = best.map(({ name, score, mine }) => {
    const row = document.createElement('li');
    const who = document.createElement('span');
    who.className = 'who';
    who.textContent = name;
    row.append(who, `${score}`);
    row.classList.toggle('mine', mine);
    return row;
  });
  if (rows.length === 0) {
    const row = document.createElement('li');
    row.className = 'none';
    row.textContent = 'Nobody yet.';
    rows.push(row);
  }
  find('best').replaceChildren(...rows);
}

for (const button of document.querySelectorAll('[data-food]')) {
  // At the touch, not at its end.
  button.addEventListener('pointerdown', () => feed(button.dataset.food));
  button.addEventListener('click', (event) => {
    // By keyboard, which points nowhere.
    if (event.detail === 0) feed(button.dataset.food);
  });
}
document.addEventListener('keydown', (event) => {
  const food = FOODS[Number(event.key) - 1];
  if (!food || event.repeat || event.ctrlKey || event.altKey || event.metaKey || event.target.matches('input')) return;
  const button = document.querySelector(`[data-food=${food}]`);
  button.classList.add('pressed');
  setTimeout(() => button.classList.remove('pressed'), 120);
  feed(food);
});
find('start').addEventListener('click', start);
find('again').addEventListener('click', start);
find('enter').addEventListener('submit', enter);
ask('highscore').then((answer) => showBest(answer.best)).catch(complain);
