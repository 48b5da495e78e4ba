package normalize_test

import "testing"

// TestTongues: messages that are not in English.
func TestTongues(t *testing.T) {
	f := verbCase(t)
	for _, line := range []string{
		"Anmeldung fehlgeschlagen: Benutzer 'ann' von 192.0.2.1",
		"Échec de l'authentification de l'utilisateur 'ann' depuis 192.0.2.1",
		"Échec de connexion de l’utilisateur ann depuis l'adresse 192.0.2.1",
		"Inicio de sesión fallido para el usuario ann desde 192.0.2.1",
		"Contraseña incorrecta para el usuario 'ann' desde 192.0.2.1",
		"Falha de login do usuário ann a partir de 192.0.2.1",
		"Accesso non riuscito per l'utente ann da 192.0.2.1",
		"Aanmelding mislukt voor gebruiker ann vanaf 192.0.2.1",
	} {
		f(wide, line, "event.category", "authentication")
		f(wide, line, "event.outcome", "failure")
		f(wide, line, "user.name", "ann")
		f(wide, line, "source.ip", "192.0.2.1")
	}
	f(wide, "Benutzer ann hat sich von 192.0.2.1 angemeldet", "event.outcome", "success")
	f(wide, "Usuário ann autenticado com sucesso via SSH de 192.0.2.1", "source.ip", "192.0.2.1")
	f(wide, "L'utilisateur ann s'est déconnecté (192.0.2.1)", "event.type", "end")
	f(wide, "Benutzer oder Kennwort falsch", "user.name", "")
	f(wide, "Verbindung von 192.0.2.1:4711 nach 198.51.100.2:22 blockiert", "event.type", "connection|denied")
	f(wide, "Connexion TCP refusée de 192.0.2.1:4711 vers 198.51.100.2:22", "destination.port", "22")
	f(wide, `Benutzer ann hat die Datei "/x/plan.xlsx" gelöscht`, "event.type", "deletion")
	f(wide, "Utente 'bob' creato da ann", "user.target.name", "bob")
	f(wide, "Utente 'bob' creato da ann", "user.name", "ann")
	f(wide, "van de Berg uploaded x from 192.0.2.1", "user.name", "") // no other language, a name
	f(wide, "con 4 lost, de facto user ann por", "user.name", "ann")
}

// TestByNobody: what was done to an account, where nobody is told who did it.
func TestByNobody(t *testing.T) {
	f := verbCase(t)
	for _, line := range []string{"User bob was created", "user account 'bob' has been created successfully", "Benutzer bob wurde angelegt"} {
		f(wide, line, "user.target.name", "bob")
		f(wide, line, "user.name", "")
		f(wide, line, "event.type", "user|creation")
	}
	f(wide, "Password for user bob was reset", "event.type", "user|change")
	f(wide, "Benutzer bob wurde von ann gelöscht", "user.name", "ann")
	f(wide, "User bob deleted", "user.target.name", "bob")
	f(wide, "User ann deleted 4 logs", "user.target.name", "")
	f(wide, "User bob was added to the queue", "user.target.name", "")
	f(wide, "User bob was not created", "user.target.name", "")
	f(wide, "user ann was removed from call 7", "event.category", "")
}

// TestActionsInOtherTongues: the name of an action says in German, French or Spanish what it says in English.
func TestActionsInOtherTongues(t *testing.T) {
	f := shippedCase(t)
	failed := func(action string) {
		t.Helper()
		line := `{"user":"ann","action":"` + action + `","ip":"203.0.113.4"}`
		f(line, "event.category", "authentication")
		f(line, "event.outcome", "failure")
		f(line, "event.action", action)
	}
	failed("Anmeldung fehlgeschlagen")
	failed("Échec d’authentification")
	failed("ÉCHEC_AUTHENTIFICATION")
	failed("autenticación fallida")
	f(`{"user":"ann","event":"Benutzer gelöscht"}`, "event.type", "deletion")
	f(`{"user":"ann","event":"UTILISATEUR SUPPRIMÉ"}`, "event.category", "iam")
	f(`{"user":"ann","event":"errata.updated"}`, "event.outcome", "success")
}
