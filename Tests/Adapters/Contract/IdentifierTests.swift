import Adapters
import Testing

@Suite("Identifiers are checked by form, date and check digit")
struct IdentifierTests {
    @Test(
        "The samples of the field are valid",
        arguments: [
            (Identifier.uscc, "11230000MB1A0001XM"), (.uscc, "91230100MA1B2C3D8M"), (.uscc, "12230000414001230G"),
            (.uscc, "91110000101623741K"), (.uscc, "11230000MB1A00028M"), (.uscc, "11230100MB1A00036M"),
            (.citizenID, "230100199001010016"), (.citizenID, "230183198506150029"), (.citizenID, "230602197511303338"),
            (.citizenID, "11010519491231002X"), (.citizenID, "11010519491231002x"),
            (.itemCode, "11230000MB1A0001XM2000125005000"), (.itemCode, "11230000MB1A00028M2000104033000"),
            (.itemCode, "11230100MB1A00036M3230125011000"), (.itemCode, "11230000MB1A0001XM200012500500001"),
            (.caseNo, "11230000MB1A0001XM2000125005000202311140001"), (.caseNo, "11230000MB1A0001XM200012500500001202402290001"),
            (.licenceID, "1.2.156.3005.2.11100000000013338W001.11230000MB1A0001XM.20231124000001.001.S"),
        ])
    func valid(identifier: Identifier, text: String) {
        #expect(identifier.flaw(in: text) == nil)
    }

    @Test(
        "Every region of the province, retired ones and the long form are valid",
        arguments: [
            "230000", "230100", "230200", "230300", "230400", "230500", "230600", "230700", "230800", "230900", "231000", "231100",
            "231200", "232700", "231081", "230883", "429004", "230102001000", "230102001001", "230000000000",
        ])
    func region(text: String) {
        #expect(Identifier.region.flaw(in: text) == nil)
    }

    @Test(
        "What is wrong is named",
        arguments: [
            (Identifier.uscc, "11230000MB1A0001XN", Identifier.Flaw.checkDigit), (.uscc, "11230000MB1A00010M", .checkDigit),
            (.uscc, "11230000MB1A0001X", .form), (.uscc, "11230000MB1A0001XMM", .form), (.uscc, "11230000mb1a0001xm", .form),
            (.uscc, "1123000OMB1A0001XM", .form), (.uscc, "11230000MBIA0001XM", .form), (.uscc, "", .form), (.uscc, "中文统一社会", .form),
            (.citizenID, "230100199001010017", .checkDigit), (.citizenID, "230100199002300016", .date),
            (.citizenID, "230100190002290016", .date), (.citizenID, "23010019900101001", .form), (.citizenID, "2301001990010100AX", .form),
            (.citizenID, "990100199001010016", .form), (.citizenID, "１１010519491231002X", .form),
            (.region, "23010", .form), (.region, "230001", .form), (.region, "990000", .form), (.region, "2301000", .form),
            (.region, "230102000001", .form), (.region, "23010a", .form),
            (.itemCode, "11230000MB1A0001XM0000125005000", .form), (.itemCode, "11230000MB1A0001XM800012500500", .form),
            (.itemCode, "11230000MB1A0001XM20001250050001", .form), (.itemCode, "11230000MB1A0001XM200012500500A", .form),
            (.itemCode, "11230000MB1A0001XN2000125005000", .checkDigit),
            (.caseNo, "11230000MB1A0001XM2000125005000202302290001", .date), (.caseNo, "11230000MB1A0001XM2000125005000202311140", .form),
            (.caseNo, "11230000MB1A0001XN2000125005000202311140001", .checkDigit),
            (.caseNo, "11230000MB1A0001XM200012500500020231114000A", .form),
            (.licenceID, "1.2.156.3005.2.11100000000013338W001.11230000MB1A0001XM.20231124000001.001.T", .checkDigit),
            (.licenceID, "1.2.156.3005.2.11100000000013338W001.11230000MB1A0001XM.20231124000002.001.S", .checkDigit),
            (.licenceID, "1.2.156.3005.2.11100000000013338W001.11230000MB1A0001XN.20231124000001.001.S", .checkDigit),
            (.licenceID, "1.2.156.3005.1.11100000000013338W001.11230000MB1A0001XM.20231124000001.001.S", .form),
            (.licenceID, "1.2.156.3005.2.11100000000013338W01.11230000MB1A0001XM.20231124000001.001.S", .form),
            (.licenceID, "1.2.156.3005.2.11100000000013338W001.11230000MB1A0001XM.20231124000001.01.S", .form),
            (.licenceID, "1.2.156.3005.2.11100000000013338W001.11230000MB1A0001XM..001.S", .form),
            (.licenceID, "1.2.156.3005.2.11100000000013338w001.11230000MB1A0001XM.20231124000001.001.S", .form),
            (.licenceID, "1.2.156.3005.2.11100000000013338W001.11230000MB1A0001XM.20231124000001.001.S.", .form),
        ])
    func flawed(identifier: Identifier, text: String, flaw: Identifier.Flaw) {
        #expect(identifier.flaw(in: text) == flaw)
        #expect(text.isEmpty || !identifier.expectation(flaw).contains(text))
    }

    @Test("The check character of a licence's identifier is that of ISO 7064 MOD 37,36, whatever it is")
    func licenceChecks() {
        // One serial after another: each has one right character, and no two the same.
        let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        var found: Set<Character> = []
        for serial in alphabet {
            let start = "1.2.156.3005.2.11100000000013338W001.11230000MB1A0001XM.\(serial).001."
            let right = alphabet.filter { Identifier.licenceID.flaw(in: start + String($0)) == nil }
            #expect(right.count == 1)
            found.formUnion(right)
        }
        #expect(found.count == 36)
    }

    @Test("One wrong digit anywhere in a number is found")
    func everyDigitCounts() {
        for (identifier, text) in [(Identifier.uscc, "12230000414001230G"), (.citizenID, "230100199001010016")] {
            let digits = Array(text)
            for (index, digit) in digits.enumerated() where digit.isNumber {
                var changed = digits
                changed[index] = digit == "1" ? "2" : "1"
                #expect(identifier.flaw(in: String(changed)) != nil, "position \(index)")
            }
        }
    }

    @Test("A lower-case x at the end of a citizen's number becomes a capital")
    func lowerCase() {
        #expect(Identifier.citizenID.normalised("11010519491231002x") == "11010519491231002X")
        #expect(Identifier.citizenID.normalised("11010519491231002X") == nil)
        #expect(Identifier.uscc.normalised("11230000MB1A0001Xx") == nil)
    }
}
