import type { FaultCode } from '../../../faults.ts';
import type { Words } from '../words.ts';

const said: Record<FaultCode, string> = {
  'auth.required':
    'Sie sind hier nicht mehr angemeldet. Melden Sie sich wieder an; nichts ist verloren.',
  'auth.expired': 'Ihre Anmeldung ist abgelaufen. Melden Sie sich wieder an; nichts ist verloren.',
  'auth.edgeSecret':
    'Der Proxy vor diesem Server ist falsch eingerichtet: Beide kennen nicht dasselbe Geheimnis. Sagen Sie es dem Betreiber.',
  'auth.edgeUser':
    'Der Proxy vor diesem Server nennt jemand anderen als den, der hier angemeldet ist. Melden Sie sich ab und wieder an, oder sagen Sie es dem Betreiber.',
  'signIn.unknown': 'Diese Anmeldung ist schon beendet.',
  'operator.required': 'Das dürfen nur Betreiber dieses Servers sehen.',
  'actor.unknown': 'Diesen Aktor gibt es nicht mehr.',
  'actor.unrecorded': 'Davon wurde nichts aufgezeichnet. Zeichnen Sie ihn zuerst auf.',
  'capsule.unknown': 'Diese Kapsel gibt es nicht.',
  'session.closed': 'Ein Betreiber hat diese Verbindung geschlossen. Sie wird neu aufgebaut …',
  'origin.refused':
    'Die Adresse dieser Seite steht nicht auf der Liste des Servers. Öffnen Sie Greenroom unter seiner üblichen Adresse, oder sagen Sie es dem Betreiber.',
  'request.malformed':
    'Der Server konnte diese Anfrage nicht lesen. Vielleicht hilft es, die Seite neu zu laden.',
  'frame.malformed':
    'Der Server konnte nicht lesen, was diese Seite gesendet hat. Vielleicht hilft es, sie neu zu laden.',
  'prompt.tooLarge': 'Die Nachricht ist zu lang. Bitte kürzen Sie sie.',
  'prompt.empty': 'Die Nachricht enthält keinen Text.',
  'prompt.unsupported': 'Nur Text und Bilder können gesendet werden.',
  'prompt.badCharacter': 'Die Nachricht enthält ein NUL-Zeichen. Bitte entfernen Sie es.',
  'prompt.tooManyImages': 'Die Nachricht hat zu viele Bilder. Bitte entfernen Sie einige.',
  'queue.full':
    'In dieser Unterhaltung warten schon zu viele Nachrichten. Senden Sie diese, sobald eine davon an der Reihe war.',
  'choice.refused': 'Das steht hier nicht oder nicht mehr zur Wahl.',
  'repository.unknown': 'Dieses Repository gibt es nicht, oder der Server darf es nicht lesen.',
  'repository.failed':
    'Das Repository konnte nicht geklont werden: Es ist zu groß, die Forge antwortet nicht, oder ein Ordner dieses Namens steht im Weg.',
  'run.idReused': 'Diese Nachricht konnte nicht zweimal gesendet werden. Bitte senden Sie sie neu.',
  'run.unknown': 'Dieser Lauf ist schon beendet.',
  'run.live': 'Diese Nachricht wird noch beantwortet.',
  'fork.tooMany': 'Von dieser Nachricht gibt es schon zu viele Fassungen.',
  'cursor.unknown':
    'Diese Stelle der Unterhaltung ist hier nicht bekannt. Laden Sie die Seite neu.',
  'pin.tooMany': 'So viele Unterhaltungen sind schon angeheftet. Lösen Sie zuerst eine davon.',
  'conversation.unknown':
    'Diese Unterhaltung gibt es nicht: Sie wurde gelöscht, oder sie gehört jemand anderem.',
  'conversation.failed':
    'Diese Unterhaltung ist stehen geblieben. Senden Sie noch einmal, um fortzufahren.',
  'share.readOnly': 'Diese Unterhaltung kann hier nur gelesen werden.',
  'share.unknown': 'Dieser Link wurde zurückgezogen, ist abgelaufen oder führte nie irgendwohin.',
  'share.tooMany':
    'Es wurden zu viele Links versucht, die nicht gelten. Versuchen Sie es in zehn Minuten wieder.',
  'upload.unknown': 'Ein Bild ist nicht mehr da. Bitte fügen Sie es noch einmal hinzu.',
  'upload.unsupported': 'Nur Bilder in PNG, JPEG, GIF und WebP können gesendet werden.',
  'upload.tooLarge': 'Das Bild ist zu groß.',
  'upload.tooMany': 'Es warten schon zu viele Bilder. Senden oder entfernen Sie einige.',
  'approval.first': 'Bitte beantworten Sie die offene Frage, bevor Sie ein Bild senden.',
  'approval.answered': 'Diese Anfrage ist schon beantwortet.',
  'approval.malformed':
    'Der Server konnte diese Antwort nicht lesen. Vielleicht hilft es, die Seite neu zu laden.',
  'approval.tooMany':
    'Zu viele Fragen warteten, während andere den Platz brauchten; diese wurde deshalb aufgegeben. Senden Sie noch einmal, um fortzufahren.',
  'path.refused': 'Dieser Name geht im Arbeitsbereich nicht.',
  'file.unknown': 'Diese Datei oder diesen Ordner gibt es nicht mehr.',
  'file.notAFile': 'Das ist keine Datei, die sich öffnen lässt.',
  'file.tooLarge': 'Die Datei ist zu groß.',
  'file.exists': 'Etwas dieses Namens gibt es schon.',
  'file.quota':
    'Im Arbeitsbereich ist kein Platz für die Datei. Löschen Sie zuerst, was nicht gebraucht wird.',
  'limits.tokens': 'Die Tokens von heute sind aufgebraucht. Was bisher gesagt wurde, bleibt.',
  throttled: 'Ein Nutzungslimit ist erreicht.',
  'client.tooSlow': 'Die Verbindung kam nicht nach. Sie holt von selbst auf.',
  'client.flooding':
    'Das war zu schnell. Bitte warten Sie einen Moment und senden Sie noch einmal.',
  'sockets.tooMany':
    'Zu viele Verbindungen sind offen. Schließen Sie andere Tabs dieser Seite, oder versuchen Sie es gleich noch einmal.',
  'server.restarting': 'Der Server startet neu. Bitte senden Sie gleich noch einmal.',
  'store.unavailable':
    'Der Speicher ist gerade nicht erreichbar. Nichts ist verloren; bitte versuchen Sie es noch einmal.',
  'store.full':
    'Der Datenträger des Servers ist voll: Was da ist, kann gelesen werden, Neues kann nicht gesendet werden. Sagen Sie es dem Betreiber.',
  'claude.startFailed':
    'Claude konnte nicht gestartet werden. Senden Sie noch einmal, oder sagen Sie es dem Betreiber.',
  'claude.startTimeout': 'Claude brauchte zu lange zum Starten. Senden Sie noch einmal.',
  'claude.crashed':
    'Claude hat unerwartet aufgehört. Was geschrieben wurde, bleibt; senden Sie noch einmal, um fortzufahren.',
  'claude.stalled':
    'Die Claude-API antwortet nicht mehr. Was geschrieben wurde, bleibt; senden Sie noch einmal, um fortzufahren.',
  'claude.crashLoop':
    'Claude hat in dieser Unterhaltung dreimal aufgehört und wird deshalb eine Minute lang nicht gestartet. Senden Sie danach noch einmal.',
  'claude.api':
    'Die Claude-API hat mit einem Fehler geantwortet. Senden Sie noch einmal, um fortzufahren.',
  'claude.failed':
    'Claude hat die Antwort mit einem Fehler beendet. Senden Sie noch einmal, um fortzufahren.',
  interrupted:
    'Der Server wurde während dieser Antwort angehalten. Was geschrieben wurde, bleibt; senden Sie noch einmal, um fortzufahren.',
};

const closed: Readonly<Record<number, string>> = {
  1000: 'Der Server hat die Verbindung beendet.',
  1008: said['run.unknown'],
  1009: 'Die Nachricht war größer, als der Server sie nimmt.',
  4400: said['frame.malformed'],
  4403: 'Sie dürfen diese Unterhaltung nicht öffnen.',
  4404: said['conversation.unknown'],
  4413: 'Die Nachricht ist zu lang. Sie steht wieder unten im Feld; bitte kürzen Sie sie.',
};

export const faults: Words['faults'] = {
  said,
  unknown: (code) => `Der Server hat das abgelehnt (${code}).`,
  closed,
  closedWith: (code) => `Die Verbindung wurde geschlossen (Code ${code}).`,
  barred: 'Etwas vor dem Server lässt diese Seite nichts tun (403).',
  inItsWords: 'In den Worten des Programms:',
};
