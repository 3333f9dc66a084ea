# O que o MateBot diz, em português do Brasil. Os ids e argumentos são os mesmos do arquivo em inglês.

## As descrições dos comandos, como os dois serviços as listam (Discord: no máximo 100 caracteres)

command-bridge = Une esta sala a outra
command-bridge-code = O código que você recebeu na outra sala
command-unbridge = Tira esta sala da conversa
command-settings = Mostra ou muda o que atravessa, e como
command-delete = Responda a uma mensagem com isto, e ela é apagada em todas as salas
command-status = Mostra a quais salas esta está unida
command-help = Mostra o que eu sei fazer
command-language = Mostra ou muda o idioma que eu falo nesta sala
command-language-language = en ou pt_BR

## /help

help-intro =
    Oi, eu sou o MateBot. Eu uno grupos do Telegram e canais do Discord: o que se diz em um aparece nos outros.
help-command = /{ $command }: { $description }
help-admins = Só administradores podem usar /bridge, /unbridge e /settings.
help-how =
    Para unir duas salas: me adicione às duas. Envie /bridge em uma delas, e eu darei um código. Envie /bridge com esse código na outra e depois confirme onde eu perguntar.
unknown-command = Não conheço esse comando. O /help mostra o que eu sei fazer.

## Quem pode o quê

not-admin = Desculpe, só um administrador desta sala pode fazer isso.
only-in-rooms = Isso se faz em um grupo ou canal: me adicione lá e envie /{ $command }.
anonymous-admin =
    Não consigo ver quem você é, então não tenho a quem entregar o código. Desative “Permanecer anônimo” por um momento e envie /bridge de novo.
try-again = Não consegui verificar isso agora. Tente de novo daqui a pouco.

## /bridge

code-made =
    Este código une outra sala a { $room }:
    /bridge { $code }
    Envie isso na outra sala, como administrador de lá. O código serve uma só vez, por { $minutes } minutos. Guarde-o para você; vou pedir a sua confirmação, aqui ou em particular.
code-extends = Esta sala já está unida a { $rooms }. A outra sala vai participar da mesma conversa.
unreachable-telegram =
    { $name }, não consegui escrever só para você. Abra { $link }, toque em Iniciar e envie /bridge aqui de novo.
unreachable-discord = { $name }, não consegui escrever só para você. Envie /bridge aqui de novo.
private-chat = um chat privado comigo

## /bridge CÓDIGO

code-unknown = Não conheço este código. Talvez ele já tenha sido usado ou tenha expirado: envie /bridge na outra sala para receber um novo.
code-too-many = Foram códigos errados demais. Espere { $minutes } minutos e tente de novo.
code-same-room = Este código foi criado aqui mesmo. Envie-o na sala que você quer unir a esta.
code-used = O código está certo. Pedi a confirmação ao administrador que o criou; depois disso as salas ficam unidas.
already-joined = Estas duas salas já estão unidas.
two-conversations =
    As duas salas já fazem parte de conversas, e essas duas não podem virar uma só. Primeiro envie /unbridge em uma delas.

## A confirmação

confirm-question =
    { $name } quer unir { $room } a { $other }.
    Tudo o que se disser aqui a partir de agora pode ser lido lá também, e vice-versa?
confirm-more = { $other } está unida a { $rooms }, que também vão participar.
confirm-yes = Unir
confirm-no = Não unir
confirm-joined = Pronto: { $room } agora está unida a { $rooms }.
confirm-gone = Esta pergunta não está mais aberta: já foi respondida ou expirou.
confirm-not-yours = Só o administrador que criou o código pode responder.
confirm-no-rights = Você não é mais administrador de { $room }, por isso não uni as salas.
confirm-declined = Como quiser: as salas não foram unidas.
declined-there = O administrador da outra sala não confirmou, por isso esta sala não foi unida a ela.
joined = Esta sala agora está unida a { $rooms }. O que se disser aqui a partir de agora aparece lá, e vice-versa.

## /unbridge

left = Esta sala não está mais unida a { $rooms }.
left-there = { $room } saiu desta conversa.
left-alone = { $room } saiu desta conversa. Esta sala não está mais unida a nenhuma outra.
not-joined = Esta sala não está unida a nenhuma outra. Um administrador pode mudar isso com /bridge.
configured = Quem opera o MateBot uniu esta sala a { $rooms }: isso está em MATEBOT_BRIDGES, nas configurações do MateBot, e só pode ser removido lá.

## /status

status-room = Esta é { $room }.
status-joined = Está unida a:
status-both = • { $room }
status-read-only = • { $room } (só é lida, nada se publica lá)
status-write-only = • { $room } (só se publica lá, nada é lido)
status-waiting =
    { $count ->
        [one] { $count } mensagem está a caminho de lá.
       *[other] { $count } mensagens estão a caminho de lá.
    }
status-waiting-here =
    { $count ->
        [one] { $count } mensagem está a caminho daqui.
       *[other] { $count } mensagens estão a caminho daqui.
    }
status-configured = (definido por quem opera o MateBot, em MATEBOT_BRIDGES)
status-connected = ✅ { $service } está conectado.
status-disconnected = ⚠️ { $service } não está conectado. Nada se perde: as mensagens esperam até que esteja.

## /language

language-name = Português (Brasil)
language-is = Nesta sala eu falo { $name }.
language-choices = Para mudar: { $choices }
language-set = A partir de agora eu falo { $name } nesta sala.
language-unknown = Não falo esse idioma.

## O que acompanha um texto

note-photo = 📷 Foto
note-video = 🎬 Vídeo
note-animation = 🎞 GIF
note-audio = 🎵 Áudio
note-voice = 🎤 Mensagem de voz
note-video-note = 🎥 Mensagem de vídeo
note-sticker = 🖼 Figurinha
note-file = 📎 Arquivo
note-location = 📍 Localização
note-contact = 👤 Contato
note-poll = 📊 Enquete
note-dice = 🎲 Dado
note-game = 🎮 Jogo
note-story = 📖 Story
note-embed = 🔗 Prévia
note-other = 💬 Algo que não consigo mostrar aqui
note-live-location = 📍 Localização em tempo real
note-checklist = ☑️ Lista de tarefas
note-invoice = 🧾 Fatura
note-paid-media = ⭐ Mídia paga
note-gift = 🎁 Presente
note-giveaway = 🎉 Sorteio
note-giveaway-winners = 🏆 Sorteio feito
note-with-name = { $note }: { $name }
note-with-size = { $note } ({ $size })
note-left-too-large = { $note } – grande demais para ser trazido
note-left-gone = { $note } – não está mais disponível
note-left-broken = { $note } – danificado ou de um tipo que não consigo mostrar
author-anonymous = Anônimo
deleted = 🗑 apagada
reply-gone = mensagem apagada
forwarded = ↪ Encaminhada
forwarded-from = ↪ Encaminhada de { $origin }

## O que aconteceu em uma sala: quem, e os detalhes

happening-joined = ➕ { $text } entrou
happening-left = ➖ { $text } saiu
happening-title = ✏️ { $name } mudou o nome para: { $text }
happening-boost = 🚀 { $name } impulsionou o servidor
happening-boosts = 🚀 { $name } impulsionou o servidor { $text } vezes
happening-boost-level = 🚀 { $name } impulsionou o servidor: agora ele tem o nível { $text }
happening-thread = 🧵 { $name } abriu um tópico: { $text }
happening-follow = 📢 { $name } adicionou { $text }: as novidades aparecem aqui a partir de agora
happening-stage-start = 🎙 { $name } abriu o palco: { $text }
happening-stage-end = 🎙 { $name } encerrou o palco: { $text }
happening-stage-topic = 🎙 { $name } mudou o assunto do palco: { $text }
happening-stage-speaker = 🎙 { $name } agora pode falar no palco
happening-poll-ended = 📊 A enquete terminou: { $text }
happening-event-new = 📅 { $name } marcou um evento: { $text }
happening-event-started = 📅 O evento começou: { $text }
happening-event-ended = 📅 O evento terminou: { $text }
happening-event-cancelled = 📅 O evento foi cancelado: { $text }
happening-video-chat = 🎥 { $name } iniciou uma chamada de vídeo
happening-video-chat-ended = 🎥 A chamada de vídeo terminou: { $text }
happening-video-chat-planned = 🎥 { $name } marcou uma chamada de vídeo: { $text }
happening-video-chat-invited = 🎥 { $name } convidou para a chamada de vídeo: { $text }
happening-group-boosts = 🚀 { $name } impulsionou o grupo: ×{ $text }
happening-group-photo = 🖼 { $name } mudou a foto do grupo
happening-no-group-photo = 🖼 { $name } removeu a foto do grupo
happening-background = 🎨 { $name } mudou o fundo
happening-auto-delete = ⏱ { $name } deixa que as mensagens sejam apagadas depois de { $text }
happening-no-auto-delete = ⏱ { $name } deixa que as mensagens fiquem
happening-topic-opened = 💬 { $name } abriu um tópico: { $text }
happening-topic-closed = 🔒 { $name } fechou este tópico
happening-topic-reopened = 🔓 { $name } reabriu este tópico
happening-owner = 👑 O grupo agora é de { $text }
happening-owner-left = 👑 { $name }, que era dono, saiu do grupo
happening-tasks-done = ☑️ { $name } fez: { $text }
happening-tasks-undone = ◻️ { $name } ainda não fez: { $text }
happening-tasks-added = ☑️ { $name } pôs na lista de tarefas: { $text }
happening-option-added = 📊 { $name } pôs uma resposta na enquete: { $text }
happening-option-removed = 📊 { $name } tirou uma resposta da enquete: { $text }
happening-nearby = 📍 Perto um do outro: { $text }
happening-giveaway = 🎉 { $name } iniciou um sorteio
happening-giveaway-ended = 🏆 O sorteio terminou. Ganhadores: { $text }
happening-skipped = ⏭ Mensagens mais antigas de { $name } que não foram trazidas: { $text }
happening-other = ℹ️ { $text }

## Avisos

room-unreachable = No momento não consigo publicar em { $room } ({ $reason }). Me deixe entrar lá, ou me dê o direito de escrever, e eu sigo sem mais nada. Continuo tentando por um dia; o que se disser aqui espera até lá.
room-unreadable = No momento não consigo ler { $room }. Me deixe entrar lá, com as permissões “Ver canal” e “Ver histórico de mensagens”, e eu sigo sem mais nada; o que se disser lá nesse meio-tempo vem depois.
room-gone = Não consigo mais publicar em { $room } ({ $reason }). Se ela não voltar, ligue outra sala com /bridge. Continuo tentando por um dia; o que se disser aqui espera até lá.
room-given-up = O que se disse aqui há mais de um dia não foi levado a { $room } ({ $reason }). O que se disser agora também espera um dia.
delivery-given-up = Esta mensagem não pôde ser levada a { $room }: { $reason }
edit-given-up = Uma mudança nesta mensagem não pôde ser levada a { $room }: { $reason }
left-out-too-large =
    { $most ->
        [none] Não foi levado a { $room }, por ser grande demais: { $file }
       *[other] Não foi levado a { $room }, por passar de { $most }: { $file }
    }
left-out-gone = Não foi levado a { $room }, por não estar mais disponível: { $file }
left-out-broken = Não foi levado a { $room }, por estar danificado ou ser de um tipo que não consigo mostrar lá: { $file }
grant-manage-webhooks =
    As pessoas do outro lado aparecem aqui com o meu nome. Me dê a permissão “Gerenciar webhooks” em { $channel }, e elas aparecem com o próprio nome e a própria foto.

## /settings: uma linha para cada escolha, depois para cada valor

settings-title = Configurações da conversa com { $rooms }:
settings-hint = Toque em uma para mudá-la.
settings-prompt = Escolha o que mudar
settings-which = De qual conversa você fala?
settings-back = « Voltar
settings-gone = Estas configurações não existem mais: envie /settings de novo.
settings-changed = { $name } mudou as configurações: { $choice } → { $value }
settings-direction-changed = { $name } mudou a direção de { $room }: { $value }
settings-direction-configured = Direção desta sala: { $value } (definida pelo operador em MATEBOT_BRIDGES)
choice-deletes = Mensagens apagadas
choice-reactions = Reações
choice-tally = Contar reações abaixo da mensagem
choice-pins = Mensagens fixadas
choice-joins = Avisar quem entra e sai
choice-titles = Avisar novos nomes de salas
choice-typing = Mostrar quem está digitando
choice-other_bots = Mensagens de outros bots
choice-protected = Mensagens protegidas
choice-usernames = @nomes mencionam pessoas no Telegram
choice-rich = Títulos, listas e tabelas
choice-notice_deletes = Perceber o que se apaga no Telegram
choice-delete_reaction = Reação que apaga no Telegram
choice-direction = Direção desta sala
value-on = sim
value-off = não
value-delete = apagar as cópias
value-mark = marcar as cópias
value-keep = manter as cópias
value-both = nos dois sentidos
value-out = só para fora da sala
value-in = só para dentro da sala

## Bots que respondem um ao outro

loop-stopped = { $name } e eu estamos repetindo um ao outro, então não repasso o que { $name } diz por { $minutes } minutos.

## /delete

delete-how = Responda com /delete à mensagem que deve sumir. Quem a escreveu e os administradores podem fazer isso.
delete-unknown = Não conheço essa mensagem, então não há nada dela em outras salas.
delete-not-yours = Desculpe, só quem escreveu isso ou um administrador desta sala pode apagar.
delete-stays = Não consegui apagar tudo: em algum lugar não tenho permissão para apagar mensagens. O que ficou, alguém precisa apagar.

## How a poll ended in the room where it was asked

poll-figures = 📊 A enquete terminou: { $question }
poll-answer = • { $answer }: { $count }

## /poll: as enquetes do próprio MateBot

command-poll = Perguntar a todo mundo, em todas as salas desta conversa
command-poll-question = Pergunta | resposta | resposta. Antes, a duração: 30m, 2h, 3d. Ou: fim
poll-how =
    Para perguntar a todo mundo: /poll Pergunta | resposta | resposta
    Fica aberta por 24 horas; /poll 2h Pergunta | … muda isso (30m, 2h, 3d). /poll fim encerra a sua última.
poll-question-long = Uma pergunta pode ter no máximo { $limit } caracteres, e a sua tem mais.
poll-answers = Uma enquete tem de { $least } a { $most } respostas, e a sua tem { $count }.
poll-answer-long = Uma resposta pode ter no máximo { $limit } caracteres, e esta tem mais: { $answer }
poll-answers-same = Duas das respostas são iguais.
poll-lasts = Uma enquete fica aberta por no mínimo um minuto e no máximo 30 dias.
poll-nowhere = O que se diz aqui não vai a nenhuma outra sala, então ninguém mais poderia votar.
poll-asked =
    { $count ->
        [one] Estou perguntando em { $count } sala.
       *[other] Estou perguntando em { $count } salas.
    }
poll-none-open = Não há aqui nenhuma enquete aberta que você possa encerrar.
poll-ends = A enquete termina agora, em todas as salas.
poll-tally = 📊 Todas as salas: { $figures }
poll-tally-answer = { $answer } { $count }
