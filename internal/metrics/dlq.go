package metrics

// LettersSettled counts dead letters by what became of them; result is one of its few constants.
var LettersSettled = counter("sluice_dlq_letters_total", "Dead letters that were settled by hand: replayed, dropped, or kept since they cannot be replayed.", "result")
