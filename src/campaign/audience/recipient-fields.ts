/** The fields of a recipient that lists bring in and exports write, with the headings that name them in the product's six languages. */

/** How a field's text is read: see read-field.ts. */
export type FieldKind = "email" | "text" | "date" | "yes_no" | "gender" | "email_format" | "country";

export type RecipientField = {
  /** The attribute of `nms:recipient`, and the heading in exports. */
  readonly name: string;
  readonly column: string;
  readonly kind: FieldKind;
  /** Other headings, as `normaliseHeading` leaves them. */
  readonly headings: readonly string[];
};

/**
 * All fields, in the order of an export. `name` and `nom` differ in what they mean from land to land; `name` alone is left
 * out, since it may hold either name or both.
 */
export const recipientFields = [
  {
    name: "email",
    column: "email",
    kind: "email",
    headings: [
      ..."mail emailaddress mailaddress emailadress courriel mel adresseemail adressemail adresseelectronique adressecourriel".split(
        " ",
      ),
      ..."emailadres mailadres epost epostadress mejl mejladress enderecodeemail enderecoeletronico correioeletronico".split(
        " ",
      ),
      ..."电子邮件 电子邮箱 电邮 邮箱 邮件 邮箱地址 邮件地址 电子邮件地址".split(" "),
    ],
  },
  {
    name: "salutation",
    column: "salutation",
    kind: "text",
    headings: "title civilite titre aanhef titel tratamento titulo tilltal 称谓 称呼".split(" "),
  },
  {
    name: "firstName",
    column: "first_name",
    kind: "text",
    headings: "fname givenname forename prenom voornaam nome primeironome prenome fornamn tilltalsnamn 名 名字".split(
      " ",
    ),
  },
  {
    name: "lastName",
    column: "last_name",
    kind: "text",
    headings:
      "lname surname familyname nom nomdefamille achternaam familienaam sobrenome apelido ultimonome efternamn 姓 姓氏".split(
        " ",
      ),
  },
  {
    name: "gender",
    column: "gender",
    kind: "gender",
    headings: "sex sexe genre geslacht genero sexo kon 性别".split(" "),
  },
  {
    name: "birthDate",
    column: "birth_date",
    kind: "date",
    headings: [
      ..."dateofbirth birthday dob birth datedenaissance datenaissance naissance geboortedatum geboren".split(" "),
      ..."datadenascimento datanascimento nascimento fodelsedatum fodd 出生日期 生日".split(" "),
    ],
  },
  {
    name: "phone",
    column: "phone",
    kind: "text",
    headings:
      "phonenumber telephone tel telephonenumber numerodetelephone telefoon telefoonnummer telefone telefon telefonnummer 电话 电话号码".split(
        " ",
      ),
  },
  {
    name: "mobilePhone",
    column: "mobile_phone",
    kind: "text",
    headings:
      "mobile mobilenumber cellphone cell portable telephoneportable mobiel mobielnummer mobieletelefoon gsm celular telemovel mobil mobiltelefon mobilnummer 手机 手机号 手机号码 移动电话".split(
        " ",
      ),
  },
  {
    name: "language",
    column: "language",
    kind: "text",
    headings: "lang locale langue taal idioma lingua sprak 语言".split(" "),
  },
  {
    name: "company",
    column: "company",
    kind: "text",
    headings:
      "companyname organization organisation societe entreprise bedrijf organisatie empresa organizacao foretag 公司 企业 单位".split(
        " ",
      ),
  },
  {
    name: "account",
    column: "account",
    kind: "text",
    headings:
      "accountnumber customernumber customerid compte numerodecompte numeroclient klantnummer conta numerodocliente kundnummer konto 账号 客户编号".split(
        " ",
      ),
  },
  {
    name: "address1",
    column: "address1",
    kind: "text",
    headings:
      "address street streetaddress adresse rue adres straat endereco rua adress gata gatuadress 地址 街道".split(" "),
  },
  {
    name: "zipCode",
    column: "zip_code",
    kind: "text",
    headings: "zip postcode postalcode codepostal cp codigopostal cep postnummer 邮编 邮政编码".split(" "),
  },
  {
    name: "city",
    column: "city",
    kind: "text",
    headings: "town ville plaats woonplaats stad cidade ort postort 城市".split(" "),
  },
  {
    name: "stateCode",
    column: "state_code",
    kind: "text",
    headings: "state province region etat provincie provincia estado uf lan 省 省份 州".split(" "),
  },
  {
    name: "countryCode",
    column: "country_code",
    kind: "country",
    headings: "country pays codepays land landcode pais codigodopais landskod 国家 国家代码".split(" "),
  },
  {
    name: "origin",
    column: "origin",
    kind: "text",
    headings: "source origine herkomst bron origem ursprung kalla 来源".split(" "),
  },
  { name: "emailFormat", column: "email_format", kind: "email_format", headings: ["format"] },
  {
    name: "blackListEmail",
    column: "black_list_email",
    kind: "yes_no",
    headings: [
      ..."optout emailoptout optedout unsubscribe unsubscribed denylistemail nomail noemail donotemail desinscrit desinscription desabonne".split(
        " ",
      ),
      ..."afgemeld uitgeschreven descadastrado descadastro naoenviar avregistrerad avanmald avprenumererad 退订 已退订".split(
        " ",
      ),
    ],
  },
  {
    name: "blackList",
    column: "black_list",
    kind: "yes_no",
    headings: "denylist donotcontact listenoire listedexclusion zwartelijst listanegra sparrlista 黑名单".split(" "),
  },
  { name: "text1", column: "text1", kind: "text", headings: [] },
  { name: "text2", column: "text2", kind: "text", headings: [] },
  { name: "text3", column: "text3", kind: "text", headings: [] },
  { name: "text4", column: "text4", kind: "text", headings: [] },
  { name: "text5", column: "text5", kind: "text", headings: [] },
] as const satisfies readonly RecipientField[];
