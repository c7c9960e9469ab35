/** What an operator of a shop might add: fields of every kind on recipients, and a table of stores. */

export const recipientSource = `<srcSchema xtkschema="xtk:srcSchema" namespace="cus" name="recipient" extendedSchema="nms:recipient" label="Customers" mappingType="sql">
  <enumeration name="level" basetype="byte" default="bronze">
    <value name="bronze" label="Bronze" value="0"/><value name="silver" label="Silver" value="1"/><value name="gold" label="Gold" value="2"/>
  </enumeration>
  <enumeration name="channel"><value name="web" label="On the web"/><value name="shop" label="In a shop"/></enumeration>
  <element name="recipient">
    <attribute name="loyaltyLevel" label="Loyalty level" type="byte" enum="level" default="bronze"/>
    <attribute name="channel" type="string" enum="channel"/>
    <attribute name="points" type="long"/>
    <attribute name="balance" type="double"/>
    <attribute name="memberSince" type="date"/>
    <attribute name="lastVisit" type="datetime"/>
    <attribute name="isPartner" type="boolean"/>
    <attribute name="token" type="uuid"/>
    <attribute name="shoeSize" type="short" xml="true"/>
    <attribute name="calledAs" type="string" expr="Iif(@loyaltyLevel = 2, 'Dear ' + @firstName, @firstName)"/>
    <element name="score"><attribute name="last12Months" type="long"/><element name="remarks" type="memo"/></element>
    <element name="preferences" xml="true"/>
    <element name="store" type="link" target="cus:store" label="Favorite store" revLink="clients" revLabel="Clients"/>
    <dbindex name="level"><keyfield xpath="@loyaltyLevel"/></dbindex>
  </element>
</srcSchema>`;

export const storeSource = `<srcSchema xtkschema="xtk:srcSchema" namespace="cus" name="store" label="Stores" labelSingular="Store" mappingType="sql" isAudited="true">
  <element name="store" autopk="true">
    <compute-string expr="@code + ' ' + @city"/>
    <key name="code"><keyfield xpath="@code"/></key>
    <attribute name="code" label="Code" type="string" length="10" required="true"/>
    <attribute name="city" label="City" type="string"/>
    <attribute name="openedOn" label="Opened on" type="date"/>
    <attribute name="isClosed" label="Closed" type="boolean"/>
    <sysFilter name="readAccess"><condition enabledIf="hasNamedRight('admin')=false" expr="@isClosed = 0"/></sysFilter>
  </element>
</srcSchema>`;
