# What MateBot says, in English. Every id and argument here also stands in the other languages' files.

## The commands' descriptions, as both services list them (Discord: at most 100 characters)

command-bridge = Join this room with another one
command-bridge-code = The code that you were given in the other room
command-unbridge = Take this room out of its conversation
command-settings = Show or change what crosses, and how
command-delete = Answer a message with this, and it is deleted in every room
command-status = Show what this room is joined with
command-help = Show what I can do
command-language = Show or set the language that I speak in this room
command-language-language = en or pt_BR

## /help

help-intro =
    Hi, I am MateBot. I join Telegram groups and Discord channels: what is said in one appears in the others.
help-command = /{ $command }: { $description }
help-admins = Only administrators can use /bridge, /unbridge and /settings.
help-how =
    To join two rooms: add me to both. Say /bridge in one of them, and I will give you a code. Say /bridge with that code in the other one, then confirm where I ask you.
unknown-command = I do not know that command. /help shows what I can do.

## Who may do what

not-admin = Sorry, only an administrator of this room can do that.
only-in-rooms = This belongs in a group or a channel: add me there and say /{ $command }.
anonymous-admin =
    I cannot see who you are, so I have nobody to give the code to. Please switch off “Remain anonymous” for a moment and say /bridge again.
try-again = I could not check that just now. Please try again in a moment.

## /bridge

code-made =
    This code joins another room with { $room }:
    /bridge { $code }
    Say that in the other room, as an administrator there. The code works once, for { $minutes } minutes. Keep it to yourself; I will ask you to confirm, here or in private.
code-extends = This room is already joined with { $rooms }. The other room will take part in the same conversation.
unreachable-telegram =
    { $name }, I could not write to you alone. Please open { $link }, press Start, then say /bridge here again.
unreachable-discord = { $name }, I could not write to you alone. Please say /bridge here again.
private-chat = a private chat with me

## /bridge CODE

code-unknown = I do not know this code. Perhaps it was used or has expired: say /bridge in the other room for a new one.
code-too-many = That was too many wrong codes. Please wait { $minutes } minutes, then try again.
code-same-room = This code was made right here. Say it in the room that you want to join with this one.
code-used = The code is right. I asked the administrator who made it to confirm; then the rooms are joined.
already-joined = These two rooms are joined already.
two-conversations =
    Both rooms are part of a conversation already, and those two cannot become one. Say /unbridge in one of them first.

## The confirmation

confirm-question =
    { $name } wants to join { $room } with { $other }.
    Shall everything that is said here from now on also be read there, and the other way round?
confirm-more = { $other } is joined with { $rooms }: they will take part as well.
confirm-yes = Join
confirm-no = Do not join
confirm-joined = Done: { $room } is now joined with { $rooms }.
confirm-gone = This question is no longer open: it was answered, or it has expired.
confirm-not-yours = Only the administrator who made the code can answer this.
confirm-no-rights = You are no longer an administrator of { $room }, so I did not join the rooms.
confirm-declined = As you wish: the rooms are not joined.
declined-there = The other room's administrator did not confirm, so this room is not joined with it.
joined = This room is now joined with { $rooms }. What is said here from now on appears there, and the other way round.

## /unbridge

left = This room is no longer joined with { $rooms }.
left-there = { $room } has left this conversation.
left-alone = { $room } has left this conversation. This room is no longer joined with any other.
not-joined = This room is not joined with any other. An administrator can say /bridge to change that.
configured = The operator joined this room with { $rooms }: that stands in MATEBOT_BRIDGES, in MateBot's settings, and can only be removed there.

## /status

status-room = This is { $room }.
status-joined = It is joined with:
status-both = • { $room }
status-read-only = • { $room } (read there, never posted)
status-write-only = • { $room } (posted there, never read)
status-waiting =
    { $count ->
        [one] { $count } message is on its way there.
       *[other] { $count } messages are on their way there.
    }
status-waiting-here =
    { $count ->
        [one] { $count } message is on its way here.
       *[other] { $count } messages are on their way here.
    }
status-configured = (set by the operator in MATEBOT_BRIDGES)
status-connected = ✅ { $service } is connected.
status-disconnected = ⚠️ { $service } is not connected. Nothing is lost: messages wait until it is.

## /language

language-name = English
language-is = I speak { $name } in this room.
language-choices = To change it: { $choices }
language-set = From now on I speak { $name } in this room.
language-unknown = I do not speak that language.

## What comes with a text

note-photo = 📷 Photo
note-video = 🎬 Video
note-animation = 🎞 GIF
note-audio = 🎵 Audio
note-voice = 🎤 Voice message
note-video-note = 🎥 Video message
note-sticker = 🖼 Sticker
note-file = 📎 File
note-location = 📍 Location
note-contact = 👤 Contact
note-poll = 📊 Poll
note-dice = 🎲 Dice
note-game = 🎮 Game
note-story = 📖 Story
note-embed = 🔗 Preview
note-other = 💬 Something that I cannot show here
note-live-location = 📍 Live location
note-checklist = ☑️ Checklist
note-invoice = 🧾 Invoice
note-paid-media = ⭐ Paid media
note-gift = 🎁 Gift
note-giveaway = 🎉 Giveaway
note-giveaway-winners = 🏆 Giveaway drawn
note-with-name = { $note }: { $name }
note-with-size = { $note } ({ $size })
note-left-too-large = { $note } – too large to be brought here
note-left-gone = { $note } – no longer to be had
note-left-broken = { $note } – damaged, or of a kind that I cannot show
author-anonymous = Anonymous
deleted = 🗑 deleted
reply-gone = deleted message
forwarded = ↪ Forwarded
forwarded-from = ↪ Forwarded from { $origin }

## What happened in a room: who, and the details

happening-joined = ➕ { $text } joined
happening-left = ➖ { $text } left
happening-title = ✏️ { $name } changed the name to: { $text }
happening-boost = 🚀 { $name } boosted the server
happening-boosts = 🚀 { $name } boosted the server { $text } times
happening-boost-level = 🚀 { $name } boosted the server: it has level { $text } now
happening-thread = 🧵 { $name } started a thread: { $text }
happening-follow = 📢 { $name } added { $text }: its news appear here from now on
happening-stage-start = 🎙 { $name } started the stage: { $text }
happening-stage-end = 🎙 { $name } ended the stage: { $text }
happening-stage-topic = 🎙 { $name } changed the topic of the stage: { $text }
happening-stage-speaker = 🎙 { $name } is a speaker now
happening-poll-ended = 📊 The poll has ended: { $text }
happening-event-new = 📅 { $name } planned an event: { $text }
happening-event-started = 📅 The event has begun: { $text }
happening-event-ended = 📅 The event is over: { $text }
happening-event-cancelled = 📅 The event is cancelled: { $text }
happening-video-chat = 🎥 { $name } started a video chat
happening-video-chat-ended = 🎥 The video chat has ended: { $text }
happening-video-chat-planned = 🎥 { $name } planned a video chat: { $text }
happening-video-chat-invited = 🎥 { $name } invited to the video chat: { $text }
happening-group-boosts = 🚀 { $name } boosted the group: ×{ $text }
happening-group-photo = 🖼 { $name } changed the picture of the group
happening-no-group-photo = 🖼 { $name } removed the picture of the group
happening-background = 🎨 { $name } changed the background
happening-auto-delete = ⏱ { $name } lets messages be deleted after { $text }
happening-no-auto-delete = ⏱ { $name } lets messages stay
happening-topic-opened = 💬 { $name } opened a topic: { $text }
happening-topic-closed = 🔒 { $name } closed this topic
happening-topic-reopened = 🔓 { $name } opened this topic again
happening-owner = 👑 The group belongs to { $text } now
happening-owner-left = 👑 { $name }, the owner, left the group
happening-tasks-done = ☑️ { $name } did: { $text }
happening-tasks-undone = ◻️ { $name } has yet to do: { $text }
happening-tasks-added = ☑️ { $name } added to the checklist: { $text }
happening-option-added = 📊 { $name } added an answer to the poll: { $text }
happening-option-removed = 📊 { $name } removed an answer from the poll: { $text }
happening-nearby = 📍 Close to each other: { $text }
happening-giveaway = 🎉 { $name } started a giveaway
happening-giveaway-ended = 🏆 The giveaway is over. Winners: { $text }
happening-skipped = ⏭ Older messages from { $name } that were not brought over: { $text }
happening-other = ℹ️ { $text }

## Notices

room-unreachable = I cannot post in { $room } at the moment ({ $reason }). Let me in there, or give me the right to write, and I go on by myself. I keep trying for a day; what is said here waits until then.
room-unreadable = I cannot read { $room } at the moment. Let me in there, with the permissions “View Channel” and “Read Message History”, and I go on by myself; what is said there meanwhile comes then.
room-gone = I cannot post in { $room } any more ({ $reason }). If it does not come back, join another room with /bridge. I keep trying for a day; what is said here waits until then.
room-given-up = What was said here more than a day ago was not brought to { $room } ({ $reason }). What is said now waits for a day, too.
delivery-given-up = This message could not be brought to { $room }: { $reason }
edit-given-up = A change of this message could not be brought to { $room }: { $reason }
left-out-too-large =
    { $most ->
        [none] Not brought to { $room }, since it is too large: { $file }
       *[other] Not brought to { $room }, since it is larger than { $most }: { $file }
    }
left-out-gone = Not brought to { $room }, since it was no longer to be had: { $file }
left-out-broken = Not brought to { $room }, since it is damaged, or of a kind that I cannot show there: { $file }
grant-manage-webhooks =
    People from the other side appear here under my name. Give me the permission “Manage Webhooks” in { $channel }, and they appear with their own names and pictures.

## /settings: a line for each choice, then for each value

settings-title = Settings of the conversation with { $rooms }:
settings-hint = Press one to change it.
settings-prompt = Choose what to change
settings-which = Which conversation do you mean?
settings-back = « Back
settings-gone = These settings are no longer there: say /settings again.
settings-changed = { $name } changed the settings: { $choice } → { $value }
settings-direction-changed = { $name } changed the direction of { $room }: { $value }
settings-direction-configured = Direction of this room: { $value } (set by the operator in MATEBOT_BRIDGES)
choice-deletes = Deleted messages
choice-reactions = Reactions
choice-tally = Count reactions below a message
choice-pins = Pins
choice-joins = Tell who comes and goes
choice-titles = Tell new names of rooms
choice-typing = Show who is typing
choice-other_bots = Messages from other bots
choice-protected = Protected messages
choice-usernames = @names mention people in Telegram
choice-rich = Headings, lists and tables
choice-notice_deletes = Notice deletions in Telegram
choice-delete_reaction = Reaction that deletes in Telegram
choice-direction = Direction of this room
value-on = on
value-off = off
value-delete = delete the copies
value-mark = mark the copies
value-keep = keep the copies
value-both = both ways
value-out = only out of the room
value-in = only into the room

## Bots that answer one another

loop-stopped = { $name } and I are repeating each other, so I do not pass on what { $name } says for { $minutes } minutes.

## /delete

delete-how = Answer the message that is to go with /delete. Its author and administrators can do that.
delete-unknown = I do not know that message, so there is nothing of it in other rooms.
delete-not-yours = Sorry, only who wrote that or an administrator of this room can delete it.
delete-stays = I could not delete all of it: somewhere I lack the right to delete messages. What stays is for people to delete.

## How a poll ended in the room where it was asked

poll-figures = 📊 The poll has ended: { $question }
poll-answer = • { $answer }: { $count }

## /poll: MateBot's own polls

command-poll = Ask everybody, in every room of this conversation
command-poll-question = Question | answer | answer. In front, how long: 30m, 2h, 3d. Or: end
poll-how =
    To ask everybody: /poll Question | answer | answer
    It stays open for 24 hours; /poll 2h Question | … is another time (30m, 2h, 3d). /poll end ends your last one.
poll-question-long = A question may have { $limit } characters at most, and yours has more.
poll-answers = A poll takes from { $least } to { $most } answers, and yours has { $count }.
poll-answer-long = An answer may have { $limit } characters at most, and this one has more: { $answer }
poll-answers-same = Two of the answers are the same.
poll-lasts = A poll stays open for one minute at least and for 30 days at most.
poll-nowhere = What is said here goes to no other room, so nobody else could vote.
poll-asked =
    { $count ->
        [one] I am asking it in { $count } room.
       *[other] I am asking it in { $count } rooms.
    }
poll-none-open = There is no open poll here that you could end.
poll-ends = The poll ends now, in every room.
poll-tally = 📊 All rooms: { $figures }
poll-tally-answer = { $answer } { $count }
