"""Which of several translations is better, and how sure that is."""
