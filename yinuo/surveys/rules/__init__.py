"""What may be asked, how answers are read and counted, whom to ask and what a low score is. Pure."""
