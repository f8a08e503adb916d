"""Names whose usual spelling in Latin letters follows no rule of their script: the most frequent ones only.

Chosen by how many people are called so, whatever the tests' and benchmarks' names are. Another spelling is a matter of
some letters, and the comparison bears that.
"""

from __future__ import annotations

from encoder.cleaning.lists import pairs_in

ARABIC_NAMES = pairs_in(
    "محمد=mohammed احمد=ahmed محمود=mahmoud حسين=hussein حسن=hassan علي=ali عمر=omar عثمان=osman ابراهيم=ibrahim "
    "اسماعيل=ismail يوسف=yousef عبد=abd الله=allah عبدالله=abdullah رحمن=rahman رحيم=rahim كريم=karim "
    "مصطفي=mustafa فاطمه=fatima فاطمة=fatima مريم=maryam زينب=zainab عائشة=aisha خديجة=khadija سليمان=suleiman "
    "داود=dawood موسي=mousa عيسي=issa يونس=younis يحيي=yahya نور=noor ليلي=layla سلمي=salma بكر=bakr جعفر=jafar "
    "خليل=khalil سعيد=saeed امين=amin رضا=reza مهدي=mahdi حسيني=hosseini محمدي=mohammadi خان=khan غلام=ghulam "
    "شيخ=sheikh بن=bin ابن=ibn ابو=abu ام=um نصر=nasr شمس=shams دين=din سيد=sayed هند=hind سعد=saad فهد=fahad "
    "احسان=ehsan مني=mona هدي=huda شريف=sharif جمال=jamal كمال=kamal طارق=tariq وليد=walid اشرف=ashraf ايمن=ayman "
    "سمير=samir نبيل=nabil منير=munir "
    "صالح=saleh سالم=salem ناصر=nasser حامد=hamed طاهر=taher جابر=jaber خوري=khoury حداد=haddad منصور=mansour عوض=awad بدر=badr "
    "خالد=khaled ماجد=majed عادل=adel فارس=fares هاشم=hashem غانم=ghanem زيد=zaid فيصل=faisal حمزة=hamza هشام=hisham وسام=wissam "
    "رشيد=rashid رامي=rami سامي=sami هاني=hani فادي=fadi شادي=shadi نادية=nadia سعاد=suad امل=amal سناء=sana وفاء=wafa دعاء=duaa"
)
"""Arabic, Persian and Urdu: alephs and yas as one, without vowel signs and without the article."""

HEBREW_NAMES = pairs_in(
    "אברהם=avraham יצחק=yitzhak יעקב=yaakov משה=moshe אהרן=aharon אהרון=aharon דוד=david דויד=david שלמה=shlomo יוסף=yosef "
    "שרה=sarah רבקה=rivka רחל=rachel לאה=leah מרים=miriam אסתר=esther חנה=hannah רות=ruth תמר=tamar מיכל=michal מיכאל=michael "
    "דניאל=daniel שמואל=shmuel שמעון=shimon ראובן=reuven יהודה=yehuda בנימין=binyamin אליהו=eliyahu נתן=natan יונתן=yonatan "
    "חיים=chaim צבי=zvi אריה=aryeh מאיר=meir ברוך=baruch אלעזר=elazar יהושע=yehoshua ישראל=israel חוה=chava איתי=itai "
    "אריאל=ariel נועם=noam אלי=eli אבי=avi יוסי=yossi רועי=roi עומר=omer גיא=guy עידו=ido שי=shai מאיה=maya יעל=yael "
    "הילה=hila אילה=ayala אפרת=efrat דנה=dana גלית=galit נחמן=nachman מנחם=menachem זאב=zeev יצחקי=yitzhaki "
    "כהן=cohen לוי=levy מזרחי=mizrahi פרץ=peretz ביטון=biton דהן=dahan פרידמן=friedman מלכה=malka אזולאי=azoulay כץ=katz "
    "עמר=amar אוחיון=ohayon חדד=hadad גבאי=gabay אדרי=edri לוין=levin טל=tal קליין=klein חן=chen שפירא=shapira חזן=hazan "
    "אשכנזי=ashkenazi אוחנה=ohana סגל=segal סויסה=swissa גולן=golan בר=bar מור=mor שלום=shalom רוזנברג=rosenberg וייס=weiss "
    "שוורץ=schwartz גולדברג=goldberg גרינברג=greenberg רוזן=rosen ששון=sasson אלבז=elbaz וקנין=vaknin בן=ben בת=bat "
    "גולדשטיין=goldstein רוזנטל=rosenthal הופמן=hoffman וינברג=weinberg ברגר=berger פישר=fisher שטרן=stern לרנר=lerner"
)
"""Hebrew."""

INDIC_NAMES = pairs_in(
    "सिंह=singh सिंग=singh सिंघ=singh चौधरी=chaudhary अग्रवाल=agarwal गुप्ता=gupta मुखर्जी=mukherjee सिन्हा=sinha"
)
"""Devanagari."""

HANGUL_SURNAMES = pairs_in(
    "김=kim 이=lee 박=park 최=choi 정=jung 강=kang 조=cho 윤=yoon 장=jang 임=lim 한=han 오=oh 서=seo 신=shin 권=kwon 황=hwang "
    "안=ahn 송=song 류=ryu 유=yoo 홍=hong 전=jeon 고=ko 문=moon 손=son 양=yang 배=bae 백=baek 허=hur 남=nam 심=shim 노=noh "
    "하=ha 곽=kwak 성=sung 차=cha 주=joo 우=woo 구=koo 민=min 나=na 진=jin 지=ji 엄=eom 원=won 천=chun 방=bang 공=kong 현=hyun"
)
"""Korean family names as their bearers spell them; nine in ten Koreans have one of these."""

HANGUL_SYLLABLES = pairs_in(
    "영=young 희=hee 현=hyun 정=jung 성=sung 경=kyung 수=soo 준=jun 훈=hoon 은=eun 혜=hye 철=chul 석=seok 숙=sook 순=soon 국=kook "
    "구=koo 우=woo 주=joo 선=sun 승=seung 연=yeon 명=myung 병=byung 형=hyung 규=kyu 기=ki 근=keun 광=kwang 관=kwan 건=kun 길=kil 범=bum 빈=bin 옥=ok"
)
"""Syllables of Korean given names, as most people spell them."""
