"""What must never be found in the tables. Each statement returns the rows that are wrong, so none is good.

`%(grace)s`: how long something may wait for its worker before it counts as lost. Times are the database's own.
"""

from dataclasses import dataclass

from yinuo.operations.words import _


@dataclass(frozen=True, slots=True)
class Rule:
    """`told`: what it means when there are such rows. `wrong`: a SELECT of one column, the name of a row."""

    key: str
    told: str
    wrong: str


#: Everything that comes in is kept, and kept once.
KEPT = (
    Rule(
        "mail_waits",
        _("收到的邮件没有人解析"),
        "SELECT id FROM email_rawmessage WHERE state = 'stored' AND stored_at < now() - %(grace)s",
    ),
    Rule(
        "mail_lost",
        _("邮件标为已入库，却不在任何会话里"),
        "SELECT id FROM email_rawmessage WHERE state = 'understood' AND interaction_id IS NULL",
    ),
    Rule(
        "mail_twice",
        _("同一封邮件收了两次"),
        "SELECT min(id) FROM email_rawmessage GROUP BY mailbox_id, external_id HAVING count(*) > 1",
    ),
    Rule(
        "mail_entry_twice",
        _("同一封邮件入库两次"),
        "SELECT interaction_id FROM email_rawmessage WHERE state = 'understood' AND interaction_id IS NOT NULL "
        "GROUP BY interaction_id HAVING count(*) > 1",
    ),
    Rule(
        "accepted_waits",
        _("已收下的来件没有登记，也没有说明原因"),
        "SELECT number FROM complaints_acceptedintake WHERE state = 'waiting' AND received_at < now() - %(grace)s",
    ),
    Rule(
        "accepted_lost",
        _("来件标为已登记，却没有这件投诉"),
        "SELECT a.number FROM complaints_acceptedintake a LEFT JOIN matters_matter m ON m.id = a.matter_id "
        "LEFT JOIN complaints_complaint c ON c.matter_id = m.id "
        "WHERE a.state = 'registered' AND (c.matter_id IS NULL OR m.number <> a.number)",
    ),
    Rule(
        "accepted_silent",
        _("来件未能登记，却没有写明原因"),
        "SELECT number FROM complaints_acceptedintake WHERE state = 'refused' AND problem IS NULL",
    ),
    Rule(
        "accepted_twice",
        _("同一来件登记了两次"),
        "SELECT matter_id FROM complaints_acceptedintake WHERE matter_id IS NOT NULL GROUP BY 1 HAVING count(*) > 1",
    ),
    Rule(
        "number_twice",
        _("同一编号用了两次"),
        "SELECT number FROM (SELECT number FROM matters_matter UNION ALL SELECT number FROM complaints_acceptedintake "
        "WHERE matter_id IS NULL) n GROUP BY number HAVING count(*) > 1",
    ),
    Rule(
        "case_halved",
        _("投诉与事项不成对"),
        "SELECT m.id FROM matters_matter m FULL JOIN complaints_complaint c ON c.matter_id = m.id "
        "WHERE (m.kind = 'complaint') IS DISTINCT FROM (c.matter_id IS NOT NULL)",
    ),
    Rule(
        "case_silent",
        _("事项没有一条经过"),
        "SELECT m.id FROM matters_matter m WHERE NOT EXISTS "
        "(SELECT 1 FROM matters_timelineentry e WHERE e.matter_id = m.id)",
    ),
)

#: Everything that goes out was sent, or is known not to have been.
SENT = (
    Rule(
        "mail_stuck",
        _("待发的邮件过了时间没有发"),
        "SELECT id FROM email_outboundmessage WHERE CASE state WHEN 'queued' THEN coalesce(next_try_at, queued_at) "
        "WHEN 'sending' THEN coalesce(claimed_until, queued_at) END < now() - %(grace)s",
    ),
    Rule(
        "mail_forgotten",
        _("回复显示待发送，却不在发件箱里"),
        "SELECT i.id FROM conversations_interaction i WHERE i.direction = 'out' AND i.channel = 'email' "
        "AND i.delivery IN ('queued', 'sending') AND i.at < now() - %(grace)s "
        "AND NOT EXISTS (SELECT 1 FROM email_outboundmessage o WHERE o.interaction_id = i.id)",
    ),
    Rule(
        "mail_contradicted",
        _("发件箱说已发出，会话里还显示没有发"),
        "SELECT o.id FROM email_outboundmessage o JOIN conversations_interaction i ON i.id = o.interaction_id "
        "WHERE o.state = 'sent' AND i.delivery IN ('queued', 'sending', 'failed')",
    ),
    Rule(
        "sms_stuck",
        _("待发的短信过了时间没有发"),
        "SELECT id FROM sms_smsmessage WHERE state = 'queued' AND queued_at < now() - %(grace)s - interval '1 hour'",
    ),
    Rule(
        "hold_stuck",
        _("定时发送的回复过了时间没有发"),
        "SELECT id FROM conversations_heldmessage WHERE state = 'waiting' AND due_at < now() - %(grace)s",
    ),
    Rule(
        "event_stuck",
        _("事件推送过了时间没有再试"),
        "SELECT id FROM webhook_delivery WHERE state = 'waiting' AND next_at < now() - %(grace)s",
    ),
    Rule(
        "job_stuck",
        _("后台任务过了时间没有做"),
        "SELECT j.id FROM procrastinate_jobs j JOIN procrastinate_events e ON e.job_id = j.id AND e.type = 'deferred' "
        "WHERE j.status = 'todo' AND greatest(j.scheduled_at, e.at) < now() - %(grace)s AND NOT EXISTS "
        "(SELECT 1 FROM procrastinate_jobs d WHERE d.lock = j.lock AND d.status = 'doing')",  # it waits for its turn
    ),
    Rule(
        "job_orphaned",
        _("后台任务做到一半，做它的进程已经不在"),
        "SELECT j.id FROM procrastinate_jobs j LEFT JOIN procrastinate_workers w ON w.id = j.worker_id "
        "WHERE j.status = 'doing' AND coalesce(w.last_heartbeat, '-infinity') < now() - %(grace)s",
    ),
)

#: No promise is silently missed: what its plan says by now was announced, each rung once.
OWED = (
    Rule(
        "promise_asleep",
        _("承诺到了该提醒的时间，没有提醒"),
        "SELECT id FROM promises_promise WHERE wakes_at < now() - %(grace)s",
    ),
    Rule(
        "promise_missed",
        _("承诺过了期，没有标为超期"),
        "SELECT id FROM promises_promise WHERE state = 'open' AND outstanding AND due_at < now() - %(grace)s",
    ),
    Rule(
        "rung_missed",
        _("提醒或升级没有发出"),
        "SELECT p.id FROM promises_promise p, jsonb_array_elements(p.plan) point "
        "WHERE p.state IN ('open', 'broken') AND p.outstanding AND (point->>2)::timestamptz < now() - %(grace)s "
        "AND NOT EXISTS (SELECT 1 FROM promises_promiseevent e WHERE e.promise_id = p.id AND e.kind = point->>0 "
        "AND e.rung = (point->>1)::int)",
    ),
    Rule(
        "rung_twice",
        _("同一提醒或升级发了两次"),
        "SELECT promise_id FROM promises_promiseevent WHERE kind IN ('warned', 'broken', 'escalated', 'cost_fixed') "
        "GROUP BY promise_id, kind, rung HAVING count(*) > 1",
    ),
    Rule(
        "rung_early",
        _("提醒或升级发得太早"),
        "SELECT promise_id FROM promises_promiseevent WHERE kind IN ('warned', 'broken', 'escalated', 'cost_fixed') "
        "AND at < planned_at",
    ),
    Rule(
        "broken_silent",
        _("承诺标为超期，却没有超期的记录"),
        "SELECT p.id FROM promises_promise p WHERE p.state = 'broken' AND NOT EXISTS "
        "(SELECT 1 FROM promises_promiseevent e WHERE e.promise_id = p.id AND e.kind = 'broken')",
    ),
    Rule(
        "promise_unwatched",
        _("没有兑现的承诺，闹钟却停了"),
        "SELECT DISTINCT p.id FROM promises_promise p, jsonb_array_elements(p.plan) point "
        "WHERE p.state IN ('open', 'broken') AND p.outstanding AND p.wakes_at IS NULL "
        "AND NOT EXISTS (SELECT 1 FROM promises_promiseevent e WHERE e.promise_id = p.id AND e.kind = point->>0 "
        "AND e.rung = (point->>1)::int)",
    ),
    Rule(
        "case_unpromised",
        _("客户的投诉正在办，却没有任何承诺"),
        "SELECT m.number FROM matters_matter m JOIN complaints_complaint c ON c.matter_id = m.id "
        "WHERE m.open AND m.opened_at < now() - %(grace)s "
        "AND NOT EXISTS (SELECT 1 FROM promises_promise p WHERE p.matter_id = m.id) "
        "AND EXISTS (SELECT 1 FROM promises_standard s WHERE s.in_force AND s.trigger = 'complaint.received')",
    ),
)

RULES = (*KEPT, *SENT, *OWED)
