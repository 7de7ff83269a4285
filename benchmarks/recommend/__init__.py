"""How well the recommender chooses, beside what others do, on tables read from a folder."""
