"""Words for believable people, companies and places, from many countries."""

GIVEN = (
    "Amara Anders Björn Camille Carlos Chloé Daniel Ebba Elena Emil Farah Fatima Gábor Greta Hannah Hiroshi Ines "
    "Ivan Jana João Jürgen Kenji Lars Leila Lina Łukasz Maja Marek María Mehmet Mia Nadia Ngozi Niamh Noah Olga "
    "Omar Paolo Petra Priya Raúl Rosa Samuel Sanne Sofía Søren Tomás Ursula Viktor Wei Yara Yuki Zoë Žofie"
).split()
FAMILY = (
    "Abe Andersson Bakker Becker Bianchi Castro Chen Costa Dubois Díaz Eriksen Fischer Fontaine García Grün Haas "
    "Hansen Horváth Ibrahim Ito Jensen Jørgensen Kaya Keller Kim Kovács Kowalski Lefèvre Li López Maier Marić "
    "Moreau Müller Nakamura Novák Núñez Nyström O'Brien Okeke Özdemir Patel Peeters Pereira Quinn Rossi Santos "
    "Schäfer Silva Singh Smith Sørensen Švec Tanaka Taylor Urban van_Dijk Vogel Weber Wójcik Yamada Zhang Zieliński"
).split()
COMPANY_FIRST = (
    "Adventure Alpine Amber Arctic Atlas Baltic Blue_Yonder Bright Cedar Coastal Coho Copper Crystal Delta Eastern "
    "Ember Evergreen Falcon Fjord Fourth Golden Granite Harbour Highland Humongous Iron Jade Lakeside Litware Lunar "
    "Maple Meridian Nord Northwind Oak Ocean Olympic Orchid Pacific Pine Polar Prairie Quantum Red_Rock River Royal "
    "Sapphire Silver Solar Southridge Stone Summit Tailspin Trey Tundra Umbra Vertex Western Wide_World Wingtip Zenith"
).split()
COMPANY_SECOND = (
    "Airlines Analytics Bakeries Biotech Breweries Chemicals Clinics Components Construction Consulting Dairy Data "
    "Design Electronics Energy Engineering Farms Foods Foundry Furniture Glass Grocers Holdings Hotels Importers "
    "Insurance Kitchens Logistics Machines Media Metals Mills Motors Optics Outfitters Packaging Paper Pharma "
    "Plastics Press Publishing Research Robotics Security Shipping Software Sports Steel Systems Telecom Textiles "
    "Toys Traders Travel Vineyards Water Works"
).split()
FORMS = (
    "Inc.",
    "Ltd",
    "GmbH",
    "AG",
    "S.A.",
    "B.V.",
    "AB",
    "A/S",
    "SpA",
    "Kft.",
    "Sp. z o.o.",
    "K.K.",
    "LLC",
    "Co.",
)
UNUSUAL = (
    "東京商事株式会社",
    "Ελληνικά Τρόφιμα ΑΕ",
    "Северный Ветер ООО",
    "شركة النور للتجارة",
    "Ørsted & Søn A/S",
    "Ščedrý Žižka s.r.o.",
    "Müller & Söhne GmbH & Co. KG",
    "🍋 Limonade Company",
    'O\'Neill "Best" Supplies',
    "100% Natural_Foods [EU]",
)
# city, region, country, postal code pattern, international prefix
PLACES = (
    ("Seattle", "WA", "U.S.", "981##", "+1 206"),
    ("Chicago", "IL", "U.S.", "606##", "+1 312"),
    ("Austin", "TX", "U.S.", "787##", "+1 512"),
    ("Boston", "MA", "U.S.", "021##", "+1 617"),
    ("Toronto", "ON", "Canada", "M5V #A#", "+1 416"),
    ("London", "England", "United Kingdom", "SW1A #AA", "+44 20"),
    ("Dublin", "Leinster", "Ireland", "D0# X2Y#", "+353 1"),
    ("München", "Bayern", "Germany", "803##", "+49 89"),
    ("Köln", "Nordrhein-Westfalen", "Germany", "506##", "+49 221"),
    ("Zürich", "ZH", "Switzerland", "80##", "+41 44"),
    ("Wien", "Wien", "Austria", "1##0", "+43 1"),
    ("Paris", "Île-de-France", "France", "750##", "+33 1"),
    ("Málaga", "Andalucía", "Spain", "290##", "+34 95"),
    ("Lisboa", "Lisboa", "Portugal", "1###-###", "+351 21"),
    ("Milano", "Lombardia", "Italy", "201##", "+39 02"),
    ("Utrecht", "Utrecht", "Netherlands", "35## AB", "+31 30"),
    ("Malmö", "Skåne", "Sweden", "211 ##", "+46 40"),
    ("København", "Hovedstaden", "Denmark", "21##", "+45 33"),
    ("Tromsø", "Troms", "Norway", "90##", "+47 77"),
    ("Kraków", "Małopolskie", "Poland", "30-###", "+48 12"),
    ("Brno", "Jihomoravský", "Czechia", "602 ##", "+420 5"),
    ("Budapest", "Budapest", "Hungary", "10##", "+36 1"),
    ("İstanbul", "İstanbul", "Türkiye", "34###", "+90 212"),
    ("東京", "東京都", "Japan", "100-00##", "+81 3"),
    ("São Paulo", "SP", "Brazil", "013##-0##", "+55 11"),
    ("Nairobi", "Nairobi", "Kenya", "001##", "+254 20"),
)
STREETS = (
    "Main Street|High Street|Station Road|Market Square|Park Avenue|Mill Lane|Harbour Way|Church Street|Oak Drive|"
    "Bahnhofstraße|Rue de la Paix|Calle Mayor|Via Roma|Storgatan|Kossuth utca|Rua do Ouro|Długa|Nørregade"
).split("|")
TITLES = (
    "Purchasing Manager|Owner|Chief Executive Officer|Sales Manager|IT Manager|Accountant|Engineer|Office Manager|"
    "Head of Logistics|Marketing Specialist|Plant Manager|Consultant|Buyer|Project Lead|Research Director|Geschäftsführer"
).split("|")
