package normalize

import "strings"

// tongues are words of German, French, Spanish, Portuguese, Italian and Dutch that messages of
// devices are about, by the English word that the other vocabularies have: a message in one of
// these languages is read as the English one is.
var tongues = byWord(map[string]string{
	"user":           `benutzer benutzers benutzername anwender utilisateur utilisateurs usuario usuarios usuário usuários utilizador utente utenti gebruiker gebruikers gebruikersnaam nutzer`,
	"login":          `anmeldung anmeldeversuch anmeldeversuche anmelden einloggen aanmelding aanmeldpoging aanmelden inloggen`,
	"authentication": `authentifizierung authentisierung authentification autenticación autenticação autenticazione authenticatie`,
	"authenticated":  `angemeldet eingeloggt authentifiziert authentifié authentifiée autenticado autenticada autenticato autenticata aangemeld ingelogd`,
	"logout":         `abmeldung abgemeldet ausgeloggt déconnexion déconnecté déconnectée afmelding afgemeld uitgelogd`,
	"failed": `fehlgeschlagen fehlgeschlagene fehlgeschlagener fehlgeschlagenes gescheitert échec échecs échoué échouée fallido fallida fallidos falló falla falha falhou falhada fallito fallita
		mislukt mislukte`,
	"invalid":    `ungültig ungültige ungültiger ungültiges falsch falsche falsches invalide incorrecta incorrecto inválido inválida inválidas errata errato incorreta incorreto ongeldig ongeldige onjuist`,
	"successful": `erfolgreich erfolgreiche erfolgreicher réussi réussie réussite exitoso exitosa éxito correctamente sucesso sucedido sucedida riuscito riuscita successo geslaagd geslaagde gelukt`,
	"password":   `kennwort passwort contraseña senha palavra-passe wachtwoord`,
	"denied":     `verweigert abgelehnt refusé refusée denegado denegada negado negada negato negata rifiutato geweigerd`,
	"blocked":    `blockiert verworfen bloqué bloquée bloqueado bloqueada bloccato bloccata geblokkeerd`,
	"allowed":    `zugelassen erlaubt autorisé autorisée permitido permitida consentito consentita toegestaan`,
	"deleted":    `gelöscht supprimé supprimée eliminado eliminada excluído excluída apagado eliminato eliminata verwijderd`,
	"created":    `erstellt angelegt créé créée creado creada criado criada creato creata aangemaakt`,
	"changed":    `geändert modifié modifiée modificado modificada alterado alterada modificato modificata gewijzigd`,
	"added":      `hinzugefügt ajouté ajoutée añadido añadida agregado adicionado adicionada aggiunto aggiunta toegevoegd`,
	"connection": `verbindung connexion conexión conexão connessione verbinding`,
	"connected":  `verbunden connecté connectée conectado conectada connesso connessa verbonden`,
	"session":    `sitzung sesión sessão sessione sessie`,
	"access":     `zugriff zugang accès acceso acesso accesso toegang`,
	"locked":     `gesperrt verrouillé verrouillée vergrendeld`,
	"file":       `datei fichier archivo arquivo ficheiro bestand`,
	"group":      `gruppe groupe grupo gruppo groep`,
	"account":    `benutzerkonto konto compte cuenta conta`,
})

// besideThem are small words that mean something only beside one of tongues.
var besideThem = byWord(map[string]string{
	"from": `von vom aus depuis desde da dal dalla van vanaf`,
	"to":   `nach vers hacia verso naar`,
	"for":  `für pour para per voor`,
	"by":   `durch par por door`,
	"not":  `nicht non pas não niet`,
	"been": `été sido stato stata worden`,
	"was":  `wurde est fue foi è é werd`,
	"has":  `hat ha heeft`,
	"the":  `der die das den dem des le la les el los il lo os het une un una uno um uma ein eine einen een sich se si zich`,
	"and":  `und et y ed`,
	"or":   `oder ou`,
	"with": `mit avec con com met`,
})

// byWord turns lists of words around.
func byWord(lists map[string]string) map[string]string {
	all := map[string]string{}
	for english, list := range lists {
		for _, w := range strings.Fields(list) {
			all[w] = english
		}
	}
	return all
}

// opened are what is opened where somebody logs in, beside a word for a beginning: inicio de
// sesión, ouverture de session.
var opened = wordSet("inicio início iniciar iniciado iniciada iniciou ouverture ouvert apertura abertura")

// translate puts the English word in the place of each that is of another language. A text of
// English alone stays as it is.
func translate(ws []word) {
	foreign, person := false, false
	for i := range ws {
		english := ws[i].sense.english
		if english == "" {
			english = unelided(ws[i].lower)
		}
		foreign, person = foreign || english != "", person || english == "user"
	}
	if !foreign {
		return
	}
	for i := range ws {
		if english := inEnglish(ws, i, person); english != "" {
			ws[i].lower, ws[i].sense = english, senseOf(english)
		}
	}
}

// inEnglish is the English word for the one at i; person says that the text names a user, who
// connects when he logs in.
func inEnglish(ws []word, i int, person bool) string {
	w := &ws[i]
	english := w.sense.english
	if english == "" {
		english = besideThem[w.lower]
	}
	if english == "" {
		english = unelided(w.lower)
	}
	switch english {
	case "connection", "access":
		if person && w.lower != "access" {
			return "login"
		}
	case "connected":
		if person {
			return "authenticated"
		}
	case "from":
		if !leadsToAddress(ws, i+1) {
			return "by" // von admin, da admin
		}
	case "":
		switch {
		case opened[w.lower] && i+2 < len(ws) && (session(&ws[i+1]) || session(&ws[i+2])):
			return "login"
		case (w.lower == "de" || w.lower == "du" || w.lower == "a" || w.lower == "à") && i+1 < len(ws):
			switch {
			case !leadsToAddress(ws, i+1):
				return "the"
			case w.lower[0] == 'd':
				return "from"
			}
			return "to"
		case w.lower == "passe" && i > 1 && ws[i-2].lower == "mot":
			return "password"
		}
	}
	return english
}

// leadsToAddress says whether an address stands at i, or behind one word there.
func leadsToAddress(ws []word, i int) bool {
	for j := i; j < min(len(ws), i+2); j++ {
		if _, _, ok := endpoint(ws[j].text); ok {
			return true
		}
	}
	return false
}

func session(w *word) bool { return w.lower == "session" || w.sense.english == "session" }

// unelided is the English word for one that an article is joined to: l'utilisateur, dell'utente.
func unelided(lower string) string {
	article, rest, ok := strings.Cut(lower, "'")
	if !ok {
		article, rest, ok = strings.Cut(lower, "’")
	}
	switch {
	case !ok || len(article) > 4:
		return ""
	case article == "dall" && (rest == "indirizzo" || rest == "ip"):
		return "from" // dall'indirizzo 192.0.2.1
	}
	return tongues[rest]
}
