"""What a proof file proves and what it does not: it says so itself, in both languages, to whoever is handed it."""

ABOUT: dict[str, dict[str, list[str]]] = {
    "fr": {
        "ce_que_ce_fichier_prouve": [
            (
                "Il contient en entier les entrées du registre de preuves qui sont celles de cette personne, et "
                "le texte intégral de chaque version des conditions qu'elle a acceptée."
            ),
            (
                "Chaque entrée porte l'empreinte SHA-256 de son contenu, de sa date et de l'entrée qui la précède "
                ": qui change un mot ou une date change l'empreinte."
            ),
            (
                "Les données personnelles ne sont dans le registre que sous forme d'empreintes. Le fichier donne, "
                "pour celles de cette personne, la valeur et le sel qui permettent de refaire le calcul."
            ),
            "La signature montre que l'émetteur nommé a établi ce fichier, et que rien n'y a changé depuis.",
        ],
        "ce_que_ce_fichier_ne_prouve_pas": [
            (
                "Il ne dit pas qui était devant l'écran : seulement que la boîte aux lettres et le mot de passe "
                "de cette adresse, et les anciens identifiants du compte, ont été vérifiés."
            ),
            "Les dates sont celles de l'horloge de l'émetteur.",
            (
                "Il ne contient pas les entrées des autres personnes : pour exclure que l'émetteur ait réécrit "
                "son registre, comparez les empreintes avec celles que détient le syndic, ou qui ont été déposées "
                "ailleurs."
            ),
            "Ce qui n'y figure pas a pu avoir lieu : des données effacées à la demande de la personne n'y sont plus.",
        ],
        "comment_le_verifier": [
            (
                "À la main ou avec le programme verify_evidence.py : voir docs/evidence.md dans les sources de "
                "Trousseau. Il faut ce fichier et les clés publiques publiées à l'adresse « keys », rien d'autre."
            ),
        ],
    },
    "en": {
        "what_this_file_proves": [
            (
                "It holds, whole, the entries of the evidence ledger that are this person's own, and the full "
                "text of each version of the terms that the person accepted."
            ),
            (
                "Each entry bears the SHA-256 digest of its content, its time and the entry before it: whoever "
                "changes a word or a date changes the digest."
            ),
            (
                "Personal values stand in the ledger as digests only. For this person's own, the file gives the "
                "value and the salt with which the digest can be computed again."
            ),
            "The signature shows that the named issuer made this file, and that nothing in it has changed since.",
        ],
        "what_this_file_does_not_prove": [
            (
                "It does not say who sat at the screen: only that the mailbox and the password of this address, "
                "and the former identifiers of the account, were verified."
            ),
            "Times are those of the issuer's own clock.",
            (
                "It holds no other person's entries: to rule out that the issuer rewrote its ledger, compare the "
                "digests with those that the property manager holds, or that were deposited elsewhere."
            ),
            "What is not in it may have happened: values that were erased at the person's request are gone.",
        ],
        "how_to_verify_it": [
            (
                "By hand or with the program verify_evidence.py: see docs/evidence.md in Trousseau's sources. It "
                "takes this file and the public keys published at the address “keys”, and nothing else."
            ),
        ],
    },
}
