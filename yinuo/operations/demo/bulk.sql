-- History written by the database itself, a block of customers at a time; dice(i, k, n) is a number below n that
-- depends only on the seed, so the same seed writes the same company. Blocks are named, in order, by their comment.

-- name: dice
CREATE OR REPLACE FUNCTION pg_temp.dice(i bigint, k int, n int) RETURNS int LANGUAGE sql IMMUTABLE AS
$$ SELECT ((hashint8extended(i, {seed}::bigint * 1000 + k) & 9223372036854775807) % n)::int $$

-- name: pools
CREATE TEMP TABLE IF NOT EXISTS demo_name (id int PRIMARY KEY, firm boolean, name text, pinyin text, tokens text[]);
CREATE TEMP TABLE IF NOT EXISTS demo_story (
    id int PRIMARY KEY, trade text, product text, title text, content text, demand text, kind text, subkind text,
    tokens text[], registered text[]
);
CREATE TEMP TABLE IF NOT EXISTS demo_place (id int PRIMARY KEY, region text, street text, tokens text[])

-- name: customers
WITH picked AS (
    SELECT i, %(first)s + i - %(low)s AS id, n.name, n.pinyin, n.firm, n.tokens, p.region, p.street, p.tokens AS place_tokens,
        '+86199' || lpad((i %% 100000000)::text, 8, '0') AS phone,
        %(now)s::timestamptz - make_interval(days => pg_temp.dice(i, 3, 1095), secs => pg_temp.dice(i, 4, 86400)) AS since
    FROM generate_series(%(low)s::bigint, %(high)s::bigint) i
    JOIN demo_name n ON n.id = pg_temp.dice(i, 1, (SELECT count(*)::int FROM demo_name))
    JOIN demo_place p ON p.id = pg_temp.dice(i, 2, (SELECT count(*)::int FROM demo_place))
), made AS (
    INSERT INTO customers_customer (id, kind, name, pinyin, grade, status, source, industry, size, region, address, uscc, profile,
        owner_id, unit_id, search, version, created_at, updated_at)
    SELECT id, CASE WHEN firm THEN 'organisation' ELSE 'person' END, name, pinyin,
        (ARRAY['A','B','B','C','C','C','C','C','',''])[1 + pg_temp.dice(i, 5, 10)],
        (ARRAY['existing','existing','existing','potential','lost','distributor'])[1 + pg_temp.dice(i, 6, 6)],
        (ARRAY['referral','website','event','business_card','advertisement','inbound'])[1 + pg_temp.dice(i, 7, 6)],
        CASE WHEN firm THEN (%(industries)s::text[])[1 + pg_temp.dice(i, 8, 10)] ELSE '' END,
        CASE WHEN firm THEN (%(sizes)s::text[])[1 + pg_temp.dice(i, 9, 4)] ELSE '' END,
        region, region || street || (1 + pg_temp.dice(i, 10, 300)), '', jsonb_build_object('demo', i),
        CASE WHEN pg_temp.dice(i, 11, 3) = 0 THEN (%(agents)s::bigint[])[1 + pg_temp.dice(i, 12, %(agent_count)s)] END,
        %(desk)s, array_to_tsvector(ARRAY(SELECT DISTINCT t FROM unnest(tokens || place_tokens
            || ARRAY(SELECT right(phone, n) FROM generate_series(4, 11) n) || substr(phone, 2)) t WHERE t <> '')),
        1, since, since
    FROM picked
    RETURNING id
)
INSERT INTO customers_channelidentity (customer_id, kind, value, verified_at, verified_how, active, created_at)
SELECT id, 'phone', phone, since, 'demo', true, since FROM picked

-- name: matters
CREATE TEMP TABLE demo_case ON COMMIT DROP AS
SELECT j, %(first_matter)s + j - %(low)s AS id, (%(first_number)s + j - %(low)s)::text AS running, %(first_conversation)s + j - %(low)s AS conversation_id,
    c.id AS customer_id, c.name, n.tokens AS name_tokens, s.id AS story_id,
    (ARRAY['complaint','complaint','complaint','enquiry','enquiry','suggestion','praise'])[1 + pg_temp.dice(j, 21, 7)] AS kind,
    (ARRAY['phone','phone','portal','email','visit','letter'])[1 + pg_temp.dice(j, 22, 6)] AS channel,
    u.unit_id, u.staff_id, u.staff_name,
    pg_temp.dice(j, 23, 100) < %(open_percent)s AS open,
    t.at, t.at + make_interval(days => 3 + pg_temp.dice(j, 24, 12), secs => pg_temp.dice(j, 25, 30000)) AS done_at
FROM generate_series(%(low)s::bigint, %(high)s::bigint) j
JOIN customers_customer c ON c.id = %(first_customer)s + pg_temp.dice(j, 26, %(customers)s)
JOIN demo_name n ON n.id = pg_temp.dice((c.profile->>'demo')::bigint, 1, (SELECT count(*)::int FROM demo_name))
JOIN demo_story s ON s.id = pg_temp.dice(j, 27, (SELECT count(*)::int FROM demo_story))
CROSS JOIN LATERAL (SELECT (%(agents)s::bigint[])[1 + pg_temp.dice(j, 28, %(agent_count)s)] AS staff_id,
    (%(units)s::bigint[])[1 + pg_temp.dice(j, 28, %(agent_count)s)] AS unit_id,
    (%(names)s::text[])[1 + pg_temp.dice(j, 28, %(agent_count)s)] AS staff_name) u
CROSS JOIN LATERAL (SELECT CASE WHEN pg_temp.dice(j, 23, 100) < %(open_percent)s
    THEN %(now)s::timestamptz - make_interval(hours => 1 + pg_temp.dice(j, 29, 60))
    ELSE %(now)s::timestamptz - make_interval(days => 20 + pg_temp.dice(j, 30, 1070), secs => pg_temp.dice(j, 31, 86400)) END AS at) t

-- name: addresses
WITH added AS (
    INSERT INTO customers_channelidentity (customer_id, kind, value, verified_at, verified_how, active, created_at)
    SELECT customer_id, 'email', 'history' || customer_id || '@demo.invalid', min(at), 'demo', true, min(at)
    FROM demo_case WHERE channel = 'email' GROUP BY customer_id ON CONFLICT DO NOTHING
    RETURNING customer_id, value
)
UPDATE customers_customer c SET search = c.search || array_to_tsvector(ARRAY[value, split_part(value, '@', 1), 'demo', 'invalid']
    || ARRAY(SELECT right(customer_id::text, n) FROM generate_series(4, least(11, length(customer_id::text))) n))
FROM added WHERE c.id = customer_id

-- name: conversations
INSERT INTO conversations_conversation (id, channel, account, customer_id, subject, owner_id, unit_id, state, thread_key,
    opened_at, last_at, version)
SELECT conversation_id, channel, '', customer_id, s.title, staff_id, unit_id, CASE WHEN open THEN 'open' ELSE 'closed' END, '',
    d.at, CASE WHEN open THEN d.at ELSE done_at END, 1
FROM demo_case d JOIN demo_story s ON s.id = story_id

-- name: interactions
INSERT INTO conversations_interaction (id, conversation_id, customer_id, channel, direction, kind, at, author_id, author_name, subject,
    text, html, external_id, to_address, delivery, delivery_note, unverified_sender, search)
SELECT %(first_interaction)s + (j - %(low)s) * %(said)s, conversation_id, customer_id, channel, 'in',
    CASE d.kind WHEN 'enquiry' THEN 'consulting' ELSE d.kind END, d.at, NULL::bigint, d.name, s.title, s.content, '', '', '', '', '', false,
    array_to_tsvector(s.tokens)
FROM demo_case d JOIN demo_story s ON s.id = story_id
UNION ALL
SELECT %(first_interaction)s + (j - %(low)s) * %(said)s + %(said)s - 1, conversation_id, customer_id, channel, 'out', 'recovery', done_at,
    staff_id, staff_name, s.title, %(answer)s, '', '', '', '', '', false, array_to_tsvector(%(answer_tokens)s::text[])
FROM demo_case d JOIN demo_story s ON s.id = story_id WHERE NOT open
UNION ALL
SELECT %(first_interaction)s + (j - %(low)s) * %(said)s + n, conversation_id, customer_id, channel, CASE WHEN n %% 2 = 1 THEN 'out' ELSE 'in' END,
    CASE WHEN n %% 2 = 1 THEN 'recovery' WHEN d.kind = 'enquiry' THEN 'consulting' ELSE d.kind END, d.at + make_interval(mins => n * 12),
    CASE WHEN n %% 2 = 1 THEN staff_id END, CASE WHEN n %% 2 = 1 THEN staff_name ELSE d.name END, s.title,
    CASE WHEN n %% 2 = 1 THEN %(between)s ELSE s.content END, '', '', '', '', '', false,
    CASE WHEN n %% 2 = 1 THEN array_to_tsvector(%(between_tokens)s::text[]) ELSE array_to_tsvector(s.tokens) END
FROM demo_case d JOIN demo_story s ON s.id = story_id CROSS JOIN generate_series(1, %(said)s - 2) n

-- name: matter_rows
INSERT INTO matters_matter (id, number, kind, title, customer_id, conversation_id, channel, owner_id, unit_id, state, open, priority,
    severity, opened_at, closed_at, last_activity_at, search, version)
SELECT d.id, m.number, d.kind, s.title, customer_id, conversation_id, channel, staff_id, unit_id,
    CASE WHEN NOT open THEN 'closed' WHEN d.kind = 'complaint' THEN 'received' ELSE 'open' END, open, 1 + (pg_temp.dice(j, 32, 8) = 0)::int,
    pg_temp.dice(j, 33, 3), d.at, CASE WHEN open THEN NULL ELSE done_at END, CASE WHEN open THEN d.at ELSE done_at END,
    array_to_tsvector(ARRAY(SELECT DISTINCT t FROM unnest(d.name_tokens || s.tokens
        || CASE d.kind WHEN 'complaint' THEN s.registered ELSE '{}' END
        || ARRAY[lower(m.number), lower(split_part(m.number, '-', 1)), m.tail, running]
        || ARRAY(SELECT right(part, n) FROM unnest(ARRAY[substr(split_part(m.number, '-', 1), 3), m.tail]) part, generate_series(4, 11) n)
        ) t WHERE t <> '')), 1
FROM demo_case d JOIN demo_story s ON s.id = story_id
CROSS JOIN LATERAL (SELECT lpad(running, greatest(6, length(running)), '0') AS tail) t
CROSS JOIN LATERAL (SELECT t.tail, CASE d.kind WHEN 'complaint' THEN 'TS' WHEN 'enquiry' THEN 'ZX' WHEN 'suggestion' THEN 'JY' ELSE 'BY' END
    || to_char(d.at AT TIME ZONE 'Asia/Shanghai', 'YYMMDD') || '-' || t.tail AS number) m

-- name: complaints
INSERT INTO complaints_complaint (matter_id, stage, stage_since, version, channel, received_at, complainant, phone, email, content, demand,
    product, batch, equipment, conditions, used_before, restatement, kind, subkind, judgement, basis, severity, risks, temperament, manner,
    complexity, handler_ids, understood, supervisor_decision, refusals, reopened, satisfaction, agreed_total, outcome, in_library, lesson,
    acknowledged_at, last_reply_at, search)
SELECT d.id, CASE WHEN open THEN 'received' ELSE 'closed' END, CASE WHEN open THEN d.at ELSE done_at END, 1, channel, d.at, left(d.name, 80), '', '',
    s.content, s.demand, s.product, '', '', '', '', CASE WHEN open THEN '' ELSE 'confirmed' END, s.kind, s.subkind,
    CASE WHEN open THEN '' ELSE (ARRAY['justified','justified','partly','unjustified'])[1 + pg_temp.dice(j, 41, 4)] END, '',
    (ARRAY['minor','ordinary','ordinary','serious'])[1 + pg_temp.dice(j, 42, 4)], '{}', '', '', 'ordinary', ARRAY[staff_id], false, '', 0,
    (pg_temp.dice(j, 43, 30) = 0)::int, CASE WHEN open THEN NULL ELSE (ARRAY[5,5,5,4,4,4,4,3,2,1])[1 + pg_temp.dice(j, 44, 10)] END,
    CASE WHEN open THEN NULL ELSE pg_temp.dice(j, 45, 12) * 50 END, CASE WHEN open THEN '' ELSE %(outcome)s END,
    NOT open AND pg_temp.dice(j, 46, 50) = 0, '', CASE WHEN open THEN NULL ELSE d.at + interval '2 hours' END,
    CASE WHEN open THEN NULL ELSE done_at END, array_to_tsvector(s.registered)
FROM demo_case d JOIN demo_story s ON s.id = story_id WHERE d.kind = 'complaint'

-- name: entries
INSERT INTO matters_timelineentry (matter_id, at, kind, actor_kind, actor_name, staff_id, interaction_id, text, data, public)
SELECT id, at, 'received', 'staff', staff_name, staff_id, %(first_interaction)s + (j - %(low)s) * %(said)s, %(received)s, '{}'::jsonb, true FROM demo_case
UNION ALL
SELECT id, d.at + make_interval(mins => n * 12), CASE WHEN n %% 2 = 1 THEN 'reply' ELSE 'interaction' END,
    CASE WHEN n %% 2 = 1 THEN 'staff' ELSE 'customer' END, CASE WHEN n %% 2 = 1 THEN staff_name ELSE name END, CASE WHEN n %% 2 = 1 THEN staff_id END,
    %(first_interaction)s + (j - %(low)s) * %(said)s + n, '', '{}'::jsonb, true FROM demo_case d CROSS JOIN generate_series(1, %(said)s - 2) n
UNION ALL
SELECT id, done_at, 'reply', 'staff', staff_name, staff_id, %(first_interaction)s + (j - %(low)s) * %(said)s + %(said)s - 1, '', '{}'::jsonb, true
FROM demo_case WHERE NOT open
UNION ALL
SELECT id, done_at, 'closed', 'staff', staff_name, staff_id, NULL, %(closed)s, '{}'::jsonb, true FROM demo_case WHERE NOT open

-- name: promises
WITH made AS (
INSERT INTO promises_promise (matter_id, customer_id, standard_id, obligation, title, owner_id, unit_id, state, outstanding, made_at, starts_at,
    due_at, wakes_at, kept_at, explanation, provisional, clock, amount, span_seconds, plan, plan_no, calendar_version, cycle, version)
SELECT id, customer_id, %(standard)s, 'answer', %(title)s, staff_id, unit_id,
    CASE WHEN open THEN 'open' WHEN late THEN 'broken' ELSE 'kept' END, open, d.at, d.at, due, CASE WHEN open THEN due END,
    CASE WHEN open THEN NULL WHEN late THEN due + interval '3 hours' ELSE d.at + interval '2 hours' END,
    %(explanation)s, false, 'calendar_hours', %(hours)s, %(hours)s * 3600,
    jsonb_build_array(jsonb_build_array('broken', 0, to_char((due + interval '1 microsecond') AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'), '')),
    0, 0, 1, 1
FROM demo_case d
CROSS JOIN generate_series(1, CASE WHEN %(every_promise)s THEN 1 + pg_temp.dice(j, 53, 2) WHEN d.kind IN ('complaint', 'enquiry') THEN 1 ELSE 0 END) n
CROSS JOIN LATERAL (SELECT CASE WHEN open THEN greatest(d.at + make_interval(hours => %(hours)s), %(now)s::timestamptz
    + make_interval(mins => 20 + pg_temp.dice(j, 48 + 3 * n, 2880))) ELSE d.at + make_interval(hours => %(hours)s * n) END AS due, pg_temp.dice(j, 52, 16) = 0 AS late) w
RETURNING id, state, due_at
)
INSERT INTO promises_promiseevent (promise_id, kind, rung, planned_at, at, late, told_as, by_name, text)
SELECT id, 'broken', 0, due_at + interval '1 microsecond', due_at + interval '1 microsecond', false, '', '', %(missed)s FROM made WHERE state = 'broken'
