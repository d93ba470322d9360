import Testing

@testable import GatewayCore

@Suite struct MaskingTests {
    @Test(
        "Identity numbers and mobiles are masked wherever they stand in a text",
        arguments: [
            ("230100199001010016", "2301**********0016"),
            ("11010519491231002X", "1101**********002X"),
            ("11010519491231002x", "1101**********002x"),
            ("证件号码230183198506150029不存在", "证件号码2301**********0029不存在"),
            ("id230602197511303338.", "id2306**********3338."),
            ("手机13812345678,", "手机138****5678,"),
            ("+8613812345678", "+86138****5678"), ("008619912345678", "0086199****5678"),
            ("13812345678 15912345678", "138****5678 159****5678"),
            ("<SQRZJHM>230100199001010016</SQRZJHM>", "<SQRZJHM>2301**********0016</SQRZJHM>"),
            ("a=1&mobile=13812345678&b=2", "a=1&mobile=138****5678&b=2"),
            ("%E5%BC%A0%2013812345678", "%E5%BC%A0%20138****5678"),
            ("q=%22230100199001010016%22", "q=%222301**********0016%22"),
            ("%31%33%38%31%32%33%34%35%36%37%38", "%31%33%38%2A%2A%2A%2A%35%36%37%38"),
        ])
    func detected(text: String, masked: String) {
        #expect(Masking.text(text) == masked)
    }

    @Test(
        "Other numbers stay as they are",
        arguments: [
            "", "0", "1381234567", "12812345678", "138123456789", "23812345678901",
            "230100199001010017", "230100199013010016", "230100199002300016", "990100199001010016",
            "11230000MB1A0001XM", "91230100MA1B2C3D8M", "12230000414001230G", "91110000101623741K",
            "11230000MB1A0001XM2000125005000", "11230000MB1A0001XM2000125005000202311140001", "1700000000000", "20231114221320",
            "2301001990010100161", "100%", "%", "%2", "a%zz13%", "2024-09-27T08:00:00.000+08:00",
        ])
    func untouched(text: String) {
        #expect(Masking.text(text) == text)
    }

    @Test("A number is found at every offset, next to anything but a digit")
    func offsets() {
        for offset in 0..<40 {
            let before = String(repeating: "x", count: offset)
            #expect(Masking.text(before + "13812345678") == before + "138****5678")
            #expect(Masking.text(before + "230100199001010016" + before) == before + "2301**********0016" + before)
            #expect(Masking.text(before + "%20" + "13812345678") == before + "%20" + "138****5678")
            #expect(Masking.text(before + "9" + "13812345678") == before + "9" + "13812345678")
        }
    }

    @Test("Every check digit of GB 11643 is told from the other ten")
    func checkDigits() {
        let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
        for serial in 100..<200 {
            let head = "23010020000229\(serial)"
            let sum = zip(head, weights).reduce(0) { $0 + ($1.0.wholeNumberValue ?? 0) * $1.1 }
            let check = Array("10X98765432")[sum % 11]
            for digit in "0123456789X" {
                #expect(Masking.text(head + String(digit)).contains("*") == (digit == check))
            }
        }
    }

    @Test("What is known to be personal by its field is masked whatever it looks like")
    func fields() {
        #expect(["张三", "欧阳娜娜", "𠮷田", "张", "", "Ivan Petrov"].map(Masking.name) == ["张*", "欧*", "𠮷*", "*", "", "I*"])
        #expect(Masking.identityNumber("230100199001010016") == "2301**********0016")
        #expect(Masking.identityNumber("E12345678") == "E1*****78")
        #expect(Masking.identityNumber("123") == "***")
        #expect(Masking.mobile("13812345678") == "138****5678")
        #expect(Masking.mobile("82345678") == "82****78")
        #expect(Masking.mobile("") == "")
    }
}
